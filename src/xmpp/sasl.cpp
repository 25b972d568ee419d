// Implementation of sasl.hpp.
#include "xmpp/sasl.hpp"

#include <algorithm>
#include <array>

namespace crosstalk::xmpp {

namespace {

struct scram_kind {
    std::string_view name;
    base::hash algorithm;
};
/// In the order in which they are preferred.
constexpr std::array<scram_kind, 2> scram_kinds{{
    {"SCRAM-SHA-256", base::hash::sha256},
    {"SCRAM-SHA-1", base::hash::sha1},
}};

bool has(const std::vector<std::string>& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

/// The best binding that both sides know. A server that announces none (XEP-0440) is taken to know
/// tls-unique (RFC 5802, 6), which TLS 1.3 has not: ejabberd 23.01 offers -PLUS there all the same and
/// then refuses tls-exporter.
std::optional<channel_binding> common_binding(const sasl_offer& offer, const tls_facts& facts) {
    const auto is_usable = [&offer](std::string_view type, const std::string& value) {
        if (value.empty()) return false;
        return offer.binding_types ? has(*offer.binding_types, type) : type == "tls-unique";
    };
    using kind = channel_binding::kind;
    if (is_usable("tls-exporter", facts.exporter))
        return channel_binding{kind::used, "tls-exporter", facts.exporter};
    if (is_usable("tls-unique", facts.unique))
        return channel_binding{kind::used, "tls-unique", facts.unique};
    if (is_usable("tls-server-end-point", facts.end_point))
        return channel_binding{kind::used, "tls-server-end-point", facts.end_point};
    return std::nullopt;
}

/// The flag for a login without binding. `y` tells the server that we would have bound the channel had
/// it offered to: it knows then whether someone has taken its offer out on the way.
channel_binding no_binding(const sasl_offer& offer, const tls_facts& facts) {
    const bool is_offered = std::ranges::any_of(offer.mechanisms, [](std::string_view m) {
        return m.starts_with("SCRAM-") && m.ends_with("-PLUS");
    });
    const bool is_able = !facts.exporter.empty() || !facts.unique.empty() || !facts.end_point.empty();
    channel_binding binding;
    if (is_able && !is_offered) binding.use = channel_binding::kind::not_offered;
    return binding;
}

}  // namespace

sasl_offer read_sasl_offer(const element& features) {
    sasl_offer offer;
    if (const element* list = features.child("mechanisms", ns::sasl))
        for (const element& m : list->children())
            if (m.is("mechanism", ns::sasl)) offer.mechanisms.push_back(m.text());
    if (const element* list = features.child("sasl-channel-binding", ns::sasl_binding)) {
        offer.binding_types.emplace();
        for (const element& b : list->children())
            if (b.is("channel-binding", ns::sasl_binding))
                offer.binding_types->emplace_back(b.attr("type"));
    }
    return offer;
}

result<sasl_login> sasl_login::choose(const sasl_offer& offer, const tls_facts& facts,
                                      const credentials& who, std::string nonce) {
    const result<std::string> password = saslprep(who.password);
    if (!password) return password.error();
    const auto scram = [&](const scram_kind& kind, std::string name, const channel_binding& binding) {
        return sasl_login(std::move(name),
                          scram_client(kind.algorithm, who.user, *password, nonce, binding));
    };
    if (const auto binding = common_binding(offer, facts)) {
        for (const scram_kind& kind : scram_kinds) {
            std::string name = std::string(kind.name) + "-PLUS";
            if (has(offer.mechanisms, name)) return scram(kind, std::move(name), *binding);
        }
    }
    for (const scram_kind& kind : scram_kinds)
        if (has(offer.mechanisms, kind.name))
            return scram(kind, std::string(kind.name), no_binding(offer, facts));
    if (!has(offer.mechanisms, "PLAIN")) return errc::no_mechanism;
    std::string plain(1, '\0');
    plain.append(who.user).append(1, '\0').append(*password);
    return sasl_login("PLAIN", std::move(plain));
}

std::string sasl_login::first() const { return scram_ ? scram_->first_message() : plain_; }

result<std::string> sasl_login::respond(std::string_view challenge) {
    if (!scram_ || proven_) return errc::login_out_of_order;
    if (!answered_) {
        answered_ = true;
        return scram_->final_message(challenge);
    }
    if (const result<void> verified = scram_->verify(challenge); !verified) return verified.error();
    proven_ = true;
    return std::string();
}

result<void> sasl_login::finish(std::string_view additional) const {
    if (!scram_ || proven_) return {};
    return scram_->verify(additional);
}

}  // namespace crosstalk::xmpp
