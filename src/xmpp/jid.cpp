// Implementation of jid.hpp: libidn's stringprep profiles.
#include "xmpp/jid.hpp"

#include <stringprep.h>

#include <array>

#include "xmpp/characters.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::xmpp {

namespace {

constexpr std::size_t most_bytes = 1023;

struct parts {
    std::string_view node, domain, resource;
};

/// RFC 7622, 3.1: the resource begins after the first slash, the domain after the first at-sign before
/// it.
result<parts> split(std::string_view text) {
    parts p;
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        p.resource = text.substr(slash + 1);
        if (p.resource.empty()) return errc::bad_jid;
    }
    p.domain = text.substr(0, slash);
    if (const std::size_t at = p.domain.find('@'); at != std::string_view::npos) {
        p.node = p.domain.substr(0, at);
        p.domain.remove_prefix(at + 1);
        if (p.node.empty()) return errc::bad_jid;
    }
    const bool fits =
        p.node.size() <= most_bytes && p.domain.size() <= most_bytes && p.resource.size() <= most_bytes;
    if (p.domain.empty() || !fits || !is_legal_text(text)) return errc::bad_jid;
    return p;
}

/// Applies a profile to a part that may be empty only before.
result<std::string> prepare(std::string_view part, const Stringprep_profile* profile) {
    if (part.empty()) return std::string();
    std::array<char, most_bytes + 1> buffer{};
    part.copy(buffer.data(), buffer.size() - 1);
    if (::stringprep(buffer.data(), buffer.size(), Stringprep_profile_flags{}, profile) !=
        STRINGPREP_OK)
        return errc::bad_jid;
    std::string prepared(buffer.data());
    if (prepared.empty()) return errc::bad_jid;
    return prepared;
}

bool is_domain_byte(char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '.' || c == '_';
}

bool is_address_literal(std::string_view domain) {
    return domain.size() > 2 && domain.front() == '[' && domain.back() == ']' &&
           domain.find_first_not_of("0123456789abcdef:.", 1) == domain.size() - 1;
}

bool is_domain(std::string_view domain) {
    if (is_address_literal(domain)) return true;
    if (domain.empty() || domain.front() == '.' || domain.back() == '.') return false;
    if (domain.find("..") != std::string_view::npos) return false;
    for (const char c : domain)
        if (!is_domain_byte(c)) return false;
    return true;
}

}  // namespace

result<jid> jid::parse(std::string_view text) {
    result<parts> p = split(text);
    if (!p) return p.error();
    if (p->domain.ends_with('.')) p->domain.remove_suffix(1);
    result<std::string> node = prepare(p->node, stringprep_xmpp_nodeprep);
    result<std::string> domain = prepare(p->domain, stringprep_nameprep);
    result<std::string> resource = prepare(p->resource, stringprep_xmpp_resourceprep);
    if (!node || !domain || !resource || !is_domain(*domain)) return errc::bad_jid;
    jid made;
    made.node_ = std::move(*node);
    made.domain_ = std::move(*domain);
    made.resource_ = std::move(*resource);
    return made;
}

result<jid> jid::from_server(std::string_view text) {
    const result<parts> p = split(text);
    if (!p) return p.error();
    jid made;
    made.node_ = p->node;
    made.domain_ = p->domain;
    made.resource_ = p->resource;
    return made;
}

std::string jid::bare() const { return node_.empty() ? domain_ : node_ + '@' + domain_; }

std::string jid::full() const { return resource_.empty() ? bare() : bare() + '/' + resource_; }

std::string_view bare_of(std::string_view full) noexcept { return full.substr(0, full.find('/')); }

std::string_view domain_of(std::string_view full) noexcept {
    const std::string_view bare = bare_of(full);
    const std::size_t at = bare.find('@');
    return at == std::string_view::npos ? bare : bare.substr(at + 1);
}

}  // namespace crosstalk::xmpp
