// See fetch_request.hpp.
#include "visit/fetch_request.hpp"

#include "xmpp/jid.hpp"

namespace crosstalk::visit {

namespace {

constexpr std::string_view software = "CrossTalk/" CROSSTALK_VERSION;
constexpr std::string_view form = "application/x-www-form-urlencoded";

std::string method_of(const fetch_settings& s) {
    if (!s.method.empty()) return s.method;
    if (s.asks_for_head) return "HEAD";
    return s.body ? "POST" : "GET";
}

}  // namespace

http::request_head make_request(const fetch_settings& s, std::optional<std::uint64_t> length,
                                const std::optional<kept_part>& kept) {
    http::request_head head;
    head.method = method_of(s);
    head.target = s.where.target;
    head.headers.add("Accept", "*/*");
    head.headers.add("User-Agent", std::string(software));
    if (s.body) head.headers.add("Content-Type", std::string(form));
    for (const auto& f : s.headers) head.headers.remove(f.name);
    for (const auto& f : s.headers)
        if (!f.value.empty()) head.headers.add(f.name, f.value);
    head.headers.remove("Content-Length");
    head.headers.remove("Transfer-Encoding");
    if (length) head.headers.add("Content-Length", std::to_string(*length));
    if (kept) {
        head.headers.set("Range", "bytes=" + std::to_string(kept->size) + '-');
        head.headers.set("If-Range", kept->validator);
    }
    return head;
}

result<cgi::environ_map> make_peer_environ(http::request_head head, std::string target,
                                           std::string_view bare) {
    cgi::request_facts facts;
    facts.target = std::move(target);
    facts.server_name = xmpp::domain_of(bare);
    facts.server_software = software;
    head.headers.set("Host", facts.server_name);
    return cgi::make_environ(head, facts);
}

}  // namespace crosstalk::visit
