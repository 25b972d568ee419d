// Presence, discovery and small services of the component.
#include "gateway/services.hpp"

#include <algorithm>

#include "gateway/lobby.hpp"
#include "talk/served_sites.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::size_t most_queued = 4096;
constexpr unsigned most_questions = 3;
constexpr std::string_view caps_node = "urn:crosstalk:gateway";

xmpp::self_description describe(const services_settings& settings) {
    xmpp::self_description self;
    self.version = settings.version;
    self.caps_node = caps_node;
    self.disco.identities.push_back({"gateway", "http", "CrossTalk", ""});
    self.disco.features = xmpp::service_features();
    for (const auto feature : {xmpp::ns::caps, xmpp::ns::crosstalk, xmpp::ns::commands, xmpp::ns::card}) {
        if (!self.disco.has(feature)) self.disco.features.emplace_back(feature);
    }
    if (settings.registers) self.disco.features.emplace_back(xmpp::ns::registration);
    return self;
}

/// What a client says to any question that it does not know.
bool knows_no_disco(const xmpp::stanza_error& error) {
    return error.what == xmpp::condition::feature_not_implemented ||
           error.what == xmpp::condition::service_unavailable;
}

bool is_chat(const xmpp::element& stanza) {
    const auto type = stanza.attr("type");
    return xmpp::is_message(stanza) && (type.empty() || type == "chat" || type == "normal") &&
           stanza.child("body", xmpp::ns::client) != nullptr;
}

}  // namespace

services::services(services_settings settings, const directory& sites, presence_table& table,
                   base::time_point started)
    : settings_(std::move(settings)),
      sites_(sites),
      table_(table),
      self_(describe(settings_)),
      announced_(xmpp::make_caps(std::string(caps_node), self_.disco)),
      picture_(xmpp::picture_update(card_of({}))),
      started_(started) {}

void services::configure(const services_settings& settings) {
    settings_.routes = settings.routes;
    if (std::exchange(settings_.registers, settings.registers) == settings.registers) return;
    self_ = describe(settings_);
    announced_ = xmpp::make_caps(std::string(caps_node), self_.disco);
}

void services::push(xmpp::element stanza) {
    if (attached_ && out_.size() < most_queued) out_.push_back(std::move(stanza));
}

xmpp::element services::own_presence(const std::string& to) const {
    auto presence = xmpp::make_available(announced_, to, settings_.domain);
    presence.add(picture_);
    return presence;
}

// Coming and going

void services::attached(base::time_point now) {
    attached_ = true;
    is_leaving_ = false;
    std::erase_if(owners_, [this](const auto& known) {
        if (sites_.is_owner(known.first)) return false;
        to_greet_.emplace_back(known.first, greeting::parting);
        return true;
    });
    for (auto& owner : sites_.owners()) {
        auto& a = owners_[owner];
        a.probed = now;
        a.answered = a.greeted = false;
        to_greet_.emplace_back(std::move(owner), greeting::hello);
    }
}

void services::detached() {
    attached_ = false;
    table_.clear();
    out_.clear();
    keep_partings();
    changes_.clear();
}

void services::sites_changed(base::time_point now) {
    std::vector<std::string> all = sites_.owners();
    for (const auto& [owner, known] : owners_)
        if (!sites_.is_owner(owner)) all.push_back(owner);
    sites_changed(all, now);
}

void services::sites_changed(const std::vector<std::string>& owners, base::time_point now) {
    for (const auto& owner : owners) {
        if (sites_.is_owner(owner)) {
            meet(owner, now);
        } else {
            forget(owner);
        }
    }
}

void services::forget(const std::string& owner) {
    if (!attached_ || is_leaving_ || owners_.erase(owner) == 0) return;
    table_.remove_owner(owner);
    to_greet_.emplace_back(owner, greeting::parting);
}

void services::meet(const std::string& owner, base::time_point now) {
    if (!attached_ || is_leaving_) return;
    const auto [at, is_new] = owners_.try_emplace(owner);
    if (!is_new) return;
    at->second.probed = now;
    to_greet_.emplace_back(owner, greeting::introduction);
}

void services::keep_partings() {
    std::erase_if(to_greet_, [](const auto& each) { return each.second != greeting::parting; });
}

void services::farewell() {
    is_leaving_ = true;
    keep_partings();
    for (const auto& [owner, a] : owners_) to_greet_.emplace_back(owner, greeting::goodbye);
}

void services::greet(const std::string& owner, greeting how, base::time_point now) {
    const auto at = owners_.find(owner);
    const auto say = [&](xmpp::presence_type type) { push(xmpp::make_presence(type, owner, settings_.domain)); };
    if ((at == owners_.end()) != (how == greeting::parting)) return;  // it has changed since
    if (how == greeting::hello || how == greeting::introduction) {
        at->second.probed = now;
        at->second.greeted = true;
    }
    switch (how) {
        case greeting::hello:
            push(own_presence(owner));
            return say(xmpp::presence_type::probe);
        case greeting::introduction:
            push(own_presence(owner));
            return ask_to_share(owner, at->second);
        case greeting::plea:
            return ask_to_share(owner, at->second);
        case greeting::goodbye:
            return say(xmpp::presence_type::unavailable);
        case greeting::parting:
            say(xmpp::presence_type::unsubscribe);
            say(xmpp::presence_type::unsubscribed);
            return say(xmpp::presence_type::unavailable);
    }
}

// No probe goes beside it: a server that refuses the probe forgets what was asked. An owner who has
// shared already is answered for by the server, and then probed like any other.
void services::ask_to_share(const std::string& owner, acquaintance& a) {
    if (std::exchange(a.asked_to_share, true)) return;
    push(xmpp::make_presence(xmpp::presence_type::subscribe, owner, settings_.domain));
}

std::optional<xmpp::element> services::next(base::time_point now) {
    while (out_.empty() && !to_greet_.empty()) {
        const auto [owner, how] = std::move(to_greet_.front());
        to_greet_.pop_front();
        greet(owner, how, now);
    }
    if (out_.empty()) return std::nullopt;
    std::optional<xmpp::element> first(std::move(out_.front()));
    out_.pop_front();
    return first;
}

std::optional<presence_change> services::poll() {
    if (changes_.empty()) return std::nullopt;
    std::optional<presence_change> first(std::move(changes_.front()));
    changes_.pop_front();
    return first;
}

base::time_point services::settles_at(const std::string& owner) const {
    const auto at = owners_.find(owner);
    if (at == owners_.end()) return base::time_point::min();
    auto settled = at->second.answered ? base::time_point::min() : at->second.probed + patience;
    table_.for_each_of(owner, [&](const resource& r) {
        if (!r.query.empty() && r.asked == 1) settled = std::max(settled, r.asked_at + patience);
        settled = std::max(settled, r.names_by);
    });
    return settled;
}

void services::expire(base::time_point now) {
    if (!attached_ || is_leaving_) return;
    for (auto& [owner, a] : owners_) {
        if (a.answered || !a.greeted || now - a.probed < patience) continue;
        a.answered = true;
        if (!a.asked_to_share) to_greet_.emplace_back(owner, greeting::plea);
    }
    table_.for_each([&](resource& r) {
        if (r.query.empty() || now - r.asked_at < patience) return;
        if (r.asked < most_questions) {
            ask_disco(r, now);
        } else {
            r.query.clear();
        }
    });
}

// Stanzas

void services::receive(const xmpp::element& stanza, base::time_point now,
                       std::chrono::system_clock::time_point wall) {
    if (!attached_) return;
    if (xmpp::is_presence(stanza)) {
        if (is_leaving_) return;  // what is said now would be the last that is known of us
        if (const auto p = xmpp::read_presence(stanza)) receive_presence(*p, stanza, now);
    } else if (xmpp::is_response(stanza)) {
        receive_response(stanza);
    } else if (xmpp::is_request(stanza)) {
        const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - started_);
        receive_request(stanza, xmpp::moment{wall, uptime});
    } else if (is_chat(stanza)) {
        push(xmpp::make_error(stanza, {xmpp::condition::service_unavailable,
                                       "The gateway reads only answers to what it has asked: a code, \"yes CODE\", "
                                       "\"no CODE\", or \"no\"."}));
    }
}

void services::receive_presence(const xmpp::presence& p, const xmpp::element& stanza, base::time_point now) {
    using xmpp::presence_type;
    const std::string owner(xmpp::bare_of(p.from));
    const auto known = owners_.find(owner);
    if (p.type == presence_type::unavailable || p.type == presence_type::error)
        return owner_unavailable(p);
    if (known == owners_.end()) return stranger(p);
    auto& a = known->second;
    switch (p.type) {
        case presence_type::available:
            return owner_available(p, talk::read_served_sites(stanza), now);
        case presence_type::subscribe:
            push(xmpp::make_presence(presence_type::subscribed, owner, settings_.domain));
            push(own_presence(owner));
            a.asked_to_share = false;  // whoever lets us in anew may have shut us out before
            return ask_to_share(owner, a);
        case presence_type::subscribed:
            a.probed = now;
            a.answered = false;
            return push(xmpp::make_presence(presence_type::probe, owner, settings_.domain));
        case presence_type::unsubscribe:
            push(xmpp::make_presence(presence_type::unsubscribed, owner, settings_.domain));
            return push(xmpp::make_presence(presence_type::unavailable, owner, settings_.domain));
        case presence_type::unsubscribed:
            // In answer to our probe. Later it is the owner's will.
            if (!std::exchange(a.answered, true)) ask_to_share(owner, a);
            return;
        case presence_type::probe:
            return push(own_presence(p.from));
        default:
            return;
    }
}

void services::stranger(const xmpp::presence& p) {
    // Subscribing is for owners; whoever is none learns it at once.
    if (p.type != xmpp::presence_type::subscribe) return;
    push(xmpp::make_presence(xmpp::presence_type::unsubscribed, xmpp::bare_of(p.from),
                             settings_.domain));
}

void services::owner_available(const xmpp::presence& p, ask::served_sites serves, base::time_point now) {
    const std::string owner(xmpp::bare_of(p.from));
    if (owner.size() == p.from.size()) return;
    owners_[owner].answered = true;
    auto* r = table_.available(p.from, p.priority, p.caps);
    if (r == nullptr) return;
    table_.told_sites(*r, std::move(serves), now);
    changes_.push_back({p.from, true});
    if (r->speaks == dialect::crosstalk) return;
    if (const auto known = p.caps ? caps_.find(*p.caps) : std::nullopt)
        return table_.learned(*r, *known);
    if (r->query.empty() && r->speaks == dialect::unknown && r->asked < most_questions)
        ask_disco(*r, now);
}

void services::owner_unavailable(const xmpp::presence& p) {
    const std::string owner(xmpp::bare_of(p.from));
    if (owner.size() != p.from.size()) {
        table_.unavailable(p.from);
        changes_.push_back({p.from, false});
    } else if (const auto known = owners_.find(owner); known != owners_.end()) {
        known->second.answered = true;
    }
}

void services::ask_disco(resource& r, base::time_point now) {
    r.query = settings_.id_prefix + std::to_string(++serial_);
    r.asked_at = now;
    ++r.asked;
    auto question = xmpp::make_iq(xmpp::iq_type::get, r.query, r.full, settings_.domain);
    xmpp::element query("query", std::string(xmpp::ns::disco_info));
    if (r.caps) query.set("node", r.caps->node + '#' + r.caps->ver);
    question.add(std::move(query));
    push(std::move(question));
}

void services::receive_response(const xmpp::element& stanza) {
    auto* r = table_.find(stanza.attr("from"));
    if (r == nullptr || r->query.empty() || stanza.attr("id") != r->query) return;
    if (const auto error = xmpp::read_error(stanza))
        return table_.learned(*r, knows_no_disco(*error) ? dialect::chat : dialect::none);
    const auto* query = stanza.child("query", xmpp::ns::disco_info);
    const auto told = query == nullptr ? std::nullopt : xmpp::read_disco_info(*query);
    const auto speaks = told ? dialect_of(*told) : dialect::none;
    if (told && r->caps && xmpp::verify(*r->caps, *told)) caps_.add(*r->caps, speaks);
    table_.learned(*r, speaks);
}

void services::receive_request(const xmpp::element& stanza, const xmpp::moment& when) {
    const auto* payload = xmpp::payload_of(stanza);
    if (payload != nullptr && stanza.attr("type") == "get" &&
        payload->is("sites", xmpp::ns::crosstalk)) {
        return push(list_sites(stanza));
    }
    if (auto reply = xmpp::answer(stanza, self_, when)) push(*std::move(reply));
}

xmpp::element services::list_sites(const xmpp::element& stanza) const {
    auto result = xmpp::make_result(stanza);
    xmpp::element list("sites", std::string(xmpp::ns::crosstalk));
    for (const auto* s : sites_.of_owner(xmpp::bare_of(stanza.attr("from")))) {
        xmpp::element item("site", std::string(xmpp::ns::crosstalk));
        item.set("name", s->name).set("url", site_url(settings_.routes, s->name));
        list.add(std::move(item));
    }
    result.add(std::move(list));
    return result;
}

}  // namespace crosstalk::gateway
