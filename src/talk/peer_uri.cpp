// Reading and writing addresses of peers.
#include "talk/peer_uri.hpp"

#include <algorithm>

#include "crosstalk/http.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::talk {
namespace {

constexpr std::size_t longest = 16 * 1024;

bool has_scheme(std::string_view text, std::string_view scheme) {
    return text.size() >= scheme.size() && http::iequals(text.substr(0, scheme.size()), scheme);
}

/// `path` as a request may have it: controls and spaces are no part of an address, bytes above ASCII
/// and what RFC 3986 excludes are encoded.
std::optional<std::string> make_target(std::string_view path) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view excluded = "\"<>\\^`{|}";
    std::string out = path.starts_with('/') ? "" : "/";
    for (const char c : path.substr(0, path.find('#'))) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7f) return std::nullopt;
        if (byte < 0x80 && excluded.find(c) == excluded.npos) {
            out += c;
        } else {
            out.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
    }
    return out;
}

bool set_jid(peer_uri& uri, std::string_view encoded, std::string& problem) {
    const auto text = http::percent_decode(encoded);
    const auto jid = xmpp::jid::parse(text.value_or(""));
    if (!jid) {
        problem = "\"" + std::string(encoded) + "\" is no XMPP address like romeo@montague.example";
        return false;
    }
    uri.bare = jid->bare();
    uri.resource = jid->resource();
    return true;
}

bool set_target(peer_uri& uri, std::string_view path, std::string& problem) {
    auto target = make_target(path);
    if (!target) {
        problem = "an address has no spaces and no control characters; write a space as %20";
        return false;
    }
    if (http::has_dot_segment(http::split_query(*target).path)) {
        problem = "the path has a part \".\" or \"..\"; write it without";
        return false;
    }
    uri.target = *std::move(target);
    return true;
}

bool read_httpx(peer_uri& uri, std::string_view rest, std::string& problem) {
    const auto end = std::min(rest.find_first_of("/?#"), rest.size());
    return set_jid(uri, rest.substr(0, end), problem) && set_target(uri, rest.substr(end), problem);
}

/// The path of `http;path=…`; nothing when the query asks for something else (RFC 5122, 2.7).
std::optional<std::string> path_in_query(std::string_view query) {
    constexpr std::string_view key = "path=";
    auto next = [&query] {
        const auto end = std::min(query.find(';'), query.size());
        const auto part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        return part;
    };
    if (next() != "http") return std::nullopt;
    std::string path = "/";
    while (!query.empty()) {
        const auto part = next();
        if (!part.starts_with(key)) return std::nullopt;
        auto decoded = http::percent_decode(part.substr(key.size()));
        if (!decoded) return std::nullopt;
        path = *std::move(decoded);
    }
    return path;
}

bool read_xmpp(peer_uri& uri, std::string_view rest, std::string& problem) {
    rest = rest.substr(0, rest.find('#'));
    if (rest.starts_with("//")) {
        problem = "an account to log in with is given as --jid; write xmpp:JID";
        return false;
    }
    const auto parts = http::split_query(rest);
    if (!set_jid(uri, parts.path, problem)) return false;
    const auto path = parts.has_query ? path_in_query(parts.query) : std::string("/");
    if (!path) {
        problem = "behind the ? of an xmpp: address stands http;path=/PAGE, with a ? in it as %3F";
        return false;
    }
    return set_target(uri, *path, problem);
}

}  // namespace

std::optional<peer_uri> parse_peer_uri(std::string_view text, std::string& problem) {
    constexpr std::string_view httpx = "httpx://", xmpp = "xmpp:";
    peer_uri uri;
    if (text.size() > longest) {
        problem = "it is too long";
    } else if (has_scheme(text, httpx)) {
        if (read_httpx(uri, text.substr(httpx.size()), problem)) return uri;
    } else if (has_scheme(text, xmpp)) {
        if (read_xmpp(uri, text.substr(xmpp.size()), problem)) return uri;
    } else {
        problem = "an address begins with httpx:// or xmpp:, like httpx://romeo@montague.example/page";
    }
    return std::nullopt;
}

std::string to_uri(std::string_view bare) {
    return "httpx://" + http::percent_encode_segment(bare) + '/';
}

}  // namespace crosstalk::talk
