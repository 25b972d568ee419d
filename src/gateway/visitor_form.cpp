// See visitor_form.hpp.
#include "gateway/visitor_form.hpp"

#include <algorithm>

#include "http/syntax.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::size_t longest = 16 * 1024;

std::string decoded(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return http::percent_decode(spaced).value_or("");
}

}  // namespace

form_values read_form(std::string_view text) {
    form_values values;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        values.emplace(decoded(pair.substr(0, equals)), decoded(pair.substr(std::min(equals + 1, pair.size()))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return values;
}

net::awaitable<form_values> receive_form(net::http_stream& connection) {
    std::string body;
    while (connection.has_body() && body.size() <= longest) {
        const auto piece = co_await connection.read_body(longest);
        if (!piece) co_return form_values();
        if (piece->empty()) break;
        body += *piece;
    }
    if (body.size() > longest) co_return form_values();
    co_return read_form(body);
}

std::optional<std::string> read_address(std::string_view typed) {
    typed = http::trim(typed);
    constexpr std::string_view scheme = "xmpp:";
    if (typed.starts_with(scheme)) typed.remove_prefix(scheme.size());
    const auto jid = xmpp::jid::parse(typed);
    if (!jid || jid->node().empty()) return std::nullopt;
    return jid->bare();
}

}  // namespace crosstalk::gateway
