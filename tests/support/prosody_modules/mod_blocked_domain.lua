-- What a firewall on the server does: while the file `blocked_domain_file` exists, nothing passes from or to the
-- domain that stands in it, and nobody is told.
local jid = require "util.jid";
local path = module:get_option_string("blocked_domain_file");

local function is_blocked(host)
  local file = io.open(path);
  if not file then return false; end
  local blocked = file:read("l");
  file:close();
  return host == blocked;
end

local function check_sender(event)
  if is_blocked((jid.host(event.stanza.attr.from))) then return true; end
end

for _, kind in ipairs { "iq", "message", "presence" } do
  for _, form in ipairs { "bare", "full", "host" } do
    module:hook(kind.."/"..form, check_sender, 10000);
  end
end

module:hook("route/remote", function (event)
  if is_blocked(event.to_host) then return true; end
end, 10000);
