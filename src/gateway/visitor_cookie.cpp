// VERSION.ID.EXPIRES.HEX(SITE LF JID).HEX(HMAC of all before)
#include "gateway/visitor_cookie.hpp"

#include <array>
#include <charconv>

#include "base/digest.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::string_view version = "1";
constexpr std::size_t longest = 8192;

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        unsigned char byte = 0;
        const auto* end = text.data() + at + 2;
        if (std::from_chars(text.data() + at, end, byte, 16).ptr != end) return std::nullopt;
        bytes.push_back(static_cast<char>(byte));
    }
    return bytes;
}

/// The part up to the next dot, which is taken off.
std::string_view next_part(std::string_view& rest) {
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto part = rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    return part;
}

}  // namespace

std::string sign(const visitor_session& session, std::string_view key) {
    std::string text(version);
    text += '.' + session.id + '.' + std::to_string(session.expires) + '.' +
            base::to_hex(session.site + '\n' + session.jid);
    text += '.' + base::to_hex(base::hmac(base::hash::sha256, key, text));
    return text;
}

std::optional<visitor_session> verify(std::string_view value, std::string_view site, std::string_view key,
                                      std::int64_t now) {
    const auto last_dot = value.rfind('.');
    if (value.size() > longest || last_dot == std::string_view::npos) return std::nullopt;
    auto rest = value.substr(0, last_dot);
    const auto signature = base::to_hex(base::hmac(base::hash::sha256, key, rest));
    if (!base::equal_in_constant_time(signature, value.substr(last_dot + 1))) return std::nullopt;
    if (next_part(rest) != version) return std::nullopt;
    visitor_session session;
    session.id = next_part(rest);
    const auto expires = next_part(rest);
    std::from_chars(expires.data(), expires.data() + expires.size(), session.expires);
    const auto whom = from_hex(rest);
    const auto line_end = whom ? whom->find('\n') : std::string::npos;
    if (line_end == std::string::npos || session.expires <= now) return std::nullopt;
    session.site = whom->substr(0, line_end);
    session.jid = whom->substr(line_end + 1);
    if (session.site != site) return std::nullopt;
    return session;
}

}  // namespace crosstalk::gateway
