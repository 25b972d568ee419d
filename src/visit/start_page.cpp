// See start_page.hpp.
#include "visit/start_page.hpp"

#include <algorithm>

#include "http/html.hpp"
#include "talk/peer_uri.hpp"
#include "visit/peer_host.hpp"

namespace crosstalk::visit {
namespace {

constexpr std::string_view key = "to=";

/// What was typed into the form; nothing if it was not sent.
std::optional<std::string> typed_address(std::string_view query) {
    if (!query.starts_with(key)) return std::nullopt;
    std::string text(query.substr(key.size(), query.find('&') - key.size()));
    std::replace(text.begin(), text.end(), '+', ' ');
    auto decoded = http::percent_decode(text).value_or("");
    const auto first = decoded.find_first_not_of(' ');
    if (first == std::string::npos) return std::string();
    return decoded.substr(first, decoded.find_last_not_of(' ') - first + 1);
}

ask::page form(unsigned status, std::string_view own, std::string_view typed,
               std::string_view problem) {
    std::string content = "<p>You ask as <strong>";
    http::append_html_escaped(content, own);
    content +=
        "</strong>, and the sites see that.</p>\n<form><p><input name=\"to\" aria-label=\"XMPP "
        "address\" placeholder=\"romeo@montague.example\" autofocus value=\"";
    http::append_html_escaped(content, typed);
    content += "\"> <button>Open</button></p></form>\n";
    if (!problem.empty()) {
        content += "<p role=\"alert\">";
        http::append_html_escaped(content, problem);
        content += "</p>\n";
    }
    return ask::html_page(status, "Whose site do you want to see?", content);
}

ask::page lead(const std::string& address, std::string_view own, std::uint16_t port) {
    std::string problem;
    const bool has_scheme = address.starts_with("httpx:") || address.starts_with("xmpp:");
    const auto uri = talk::parse_peer_uri((has_scheme ? "" : "httpx://") + address, problem);
    if (uri) {
        const auto site = site_address(uri->bare, port);
        if (!site.empty()) return ask::redirect_page(site + uri->target);
        const bool has_user = uri->bare.find('@') != std::string::npos;
        problem = has_user
                      ? "a browser has no name for this address: its domain is none that DNS could "
                        "have, or it is too long; crosstalk fetch can ask it"
                      : "an address is like romeo@montague.example";
    }
    return form(400, own, address, "That does not lead anywhere: " + problem + ".");
}

}  // namespace

std::string site_address(std::string_view bare, std::uint16_t port) {
    const auto host = host_of_peer(bare);
    if (!host) return {};
    return "http://" + http::to_text({*host, port});
}

ask::page answer_start(const http::request_head& head, std::string_view target,
                       const http::authority& here, std::string_view own) {
    if (target == "*") return ask::options_page();
    const auto accept = head.headers.get("Accept");
    if (head.method != "GET" && head.method != "HEAD")
        return ask::error_page(ask::failure_of(ask::refusal::method_not_supported), accept);
    const auto parts = http::split_query(target);
    if (parts.path != "/" && parts.path.find('@') == std::string_view::npos)
        return ask::error_page({404, "There is nothing of this name here.",
                                "The site of romeo@montague.example is at /romeo@montague.example/."},
                               accept);
    if (parts.path != "/") return lead(std::string(target.substr(1)), own, here.port);
    const auto typed = typed_address(parts.query);
    if (typed) return lead(*typed, own, here.port);
    return form(200, own, "", "");
}

}  // namespace crosstalk::visit
