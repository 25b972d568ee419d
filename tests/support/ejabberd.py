# A private ejabberd, with the face of the private Prosody.
#
# Rule: Erlang runs without distribution: no epmd, no cookie, no port but those of the configuration.
import glob
import json
import os

from .ports import free_port
from .raw_http import fetch
from .xmpp_server import XmppServer

CONFIGURATION = """\
hosts: [{domain}]
certfiles: ["{home}/certs/both.pem"]
ca_file: "{ca_file}"
loglevel: {log_level}
listen:
  - {{port: {c2s_port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: {c2s_stanza}, access: c2s,
     shaper: c2s_shaper, starttls: {tls}, starttls_required: {tls}}}
  - {{port: {tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: {c2s_stanza}, access: c2s,
     shaper: c2s_shaper, tls: true}}
  - {{port: {component_port}, ip: "127.0.0.1", module: ejabberd_service, access: all, hosts: {components},
     global_routes: false}}  # or each component would be given the stanzas of all
  - {{port: {api_port}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/api: mod_http_api}}}}
{s2s_listen}{s2s}api_permissions:
  accounts: {{from: [mod_http_api], who: {{ip: "127.0.0.1/32"}}, what: [register, reload_config]}}
c2s_protocol_options: [no_sslv3, no_tlsv1, no_tlsv1_1{protocol_options}]
disable_sasl_mechanisms: [{disabled}]
auth_method: internal
auth_password_format: scram
auth_scram_hash: {scram_hash}
acl:
  local: {{user_regexp: ""}}
  blocked: {{server: "{blocked_domain}"}}
  components: {{server: {component_domains}}}
access_rules:
  local: {{allow: local}}
  c2s: {{allow: all}}
  s2s: [{{deny: blocked}}, {{allow: all}}]
  components: {{allow: components}}
shaper: {{asked: {rate}}}
shaper_rules: {{c2s_shaper: {shaper}, max_user_sessions: 10, max_user_offline_messages: 100}}
modules:
  mod_adhoc: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_carboncopy: {{}}
  mod_disco: {{}}
  mod_http_api: {{}}
  mod_offline: {{access_max_user_messages: max_user_offline_messages}}
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_roster: {{versioning: true}}
  mod_s2s_dialback: {{}}
  mod_stream_mgmt: {{resend_on_timeout: if_offline}}
  mod_vcard: {{search: false}}
  mod_version: {{}}
{privileges}"""

PRIVILEGES = """\
  mod_privilege: {roster: {get: components}}
"""

INETRC = """\
{{resolv_conf, ""}}.
{{hosts_file, ""}}.
{{lookup, [dns]}}.
{{nameserver, {{127,0,0,1}}, {port}}}.
"""
S2S_LISTEN = """\
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_s2s_in, max_stanza_size: 524288}}
"""
S2S = """\
s2s_access: s2s
s2s_use_starttls: required
outgoing_s2s_families: [ipv4]
s2s_timeout: 15
s2s_max_retry_delay: 2
"""

# What makes a client log in by this mechanism: how passwords are kept, and what else is not offered.
MECHANISMS = {
    "SCRAM-SHA-256": ("sha256", []),
    "SCRAM-SHA-1": ("sha", []),
    "SCRAM-SHA-1-PLUS": ("sha", []),  # offered where TLS is 1.2
    "PLAIN": ("sha", ["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"]),
}


class Ejabberd(XmppServer):
    user = "ejabberd"
    shipped_rate = 3000
    logs_login = "Accepted c2s"
    logs_encryption = r"\(tls\|.*Accepted c2s"
    logs_mechanism = "Accepted c2s {} authentication"

    def __init__(self, directory, domain="montague.example", users=(), components=None, rate=None,
                 c2s_stanza=None, certificate_names=None, expired=False, tls=True, tls_12=False, mechanism=None,
                 federation=None, log_level="info", name="ejabberd", shows_rosters=False):
        home = os.path.join(str(directory), name)
        super().__init__(
            name, ["erl", "+K", "true", "+P", "250000", "-mnesia", "dir", f'"{home}/data"',
                   *(["-kernel", "inetrc", f'"{home}/inetrc"'] if federation else []), "-s", "ejabberd", "-noinput"],
            directory, domain, components, certificate_names, expired, federation, environment={
                "ERL_LIBS": os.path.dirname(glob.glob("/usr/lib/*/ejabberd-*/ebin")[0].removesuffix("/ebin")),
                "ERL_CRASH_DUMP_BYTES": "0", "HOME": home, "EJABBERD_CONFIG_PATH": home + "/ejabberd.yml",
                "EJABBERD_LOG_PATH": home + "/ejabberd.log"})
        self._api_port = free_port()
        with open(self.certificate, encoding="ascii") as certificate, open(self.key, encoding="ascii") as key:
            self._write("certs/both.pem", certificate.read() + key.read())
        scram_hash, disabled = MECHANISMS[mechanism or "SCRAM-SHA-1"]
        self._values = dict(
            c2s_stanza=c2s_stanza or 262144, tls=str(tls).lower(), scram_hash=scram_hash,
            disabled=", ".join(["digest-md5", "X-OAUTH2", *disabled]),
            protocol_options=", no_tlsv1_3" if tls_12 else "",
            s2s_listen=S2S_LISTEN.format(port=self.s2s_port) if federation else "",
            s2s=S2S if federation else "",
            domain=domain, home=home, ca_file=self.ca_file, log_level=log_level, c2s_port=self.c2s_port,
            tls_port=self.tls_port, component_port=self.component_port, api_port=self._api_port,
            component_domains=json.dumps(list(self.components)), privileges=PRIVILEGES if shows_rosters else "",
            components=json.dumps({each: {"password": secret} for each, secret in self.components.items()}),
            rate=rate or 1, shaper="asked" if rate else "none")
        self._configure()
        if federation:
            self._write("inetrc", INETRC.format(port=federation.dns.port))
        self._own()
        self._new = list(users)

    def _configure(self, blocked_domain="nobody.invalid"):
        return self._write("ejabberd.yml", CONFIGURATION.format(
            blocked_domain=blocked_domain, **self._values))

    def block(self, domain):
        """Talks no more with the servers of `domain`, and tells them so when they come."""
        self._give(self._configure(domain))
        self._command("reload_config", {})
        self.federation.wires[self.domain].cut()

    def unblock(self):
        self._give(self._configure())
        self._command("reload_config", {})

    def start(self):
        super().start()
        while self._new:
            self.register(self._new.pop())
        return self

    def _ports(self):
        return *super()._ports(), self._api_port

    def register(self, user):
        """Makes an account; the server must be running."""
        self._command("register", {"user": user, "host": self.domain, "password": self.password(user)})

    def _command(self, name, arguments):
        answer = fetch(self._api_port, "localhost", "/api/" + name, "POST", [("Content-Type", "application/json")],
                       json.dumps(arguments).encode())
        assert answer.status == 200, f"ejabberd: {name}: {answer.text}"
