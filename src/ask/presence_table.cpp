// Presence and caps.
#include "ask/presence_table.hpp"

#include <algorithm>
#include <bitset>
#include <tuple>

#include "xmpp/jid.hpp"

namespace crosstalk::ask {

dialect dialect_of(const xmpp::disco_info& told) {
    if (told.has(xmpp::ns::crosstalk)) return dialect::crosstalk;
    if (told.has(xmpp::ns::http)) return dialect::xep0332;
    const bool is_program = std::ranges::all_of(told.identities, [](const xmpp::identity& i) {
        return i.category == "automation" || (i.category == "client" && i.type == "bot");
    });
    return is_program ? dialect::chat : dialect::none;
}

resource* presence_table::available(const std::string& full, int priority,
                                    std::optional<xmpp::caps> caps) {
    if (auto* known = find(full); known != nullptr) {
        known->priority = priority;
        if (known->caps != caps && known->speaks != dialect::crosstalk)
            known->speaks = dialect::unknown;
        if (known->caps != caps) known->asked = 0;
        known->caps = std::move(caps);
        heard_from(full);
        return known;
    }
    auto& home = households_[std::string(xmpp::bare_of(full))];
    if (home.resources.size() >= most_resources) return nullptr;
    resource r;
    r.full = full;
    r.priority = priority;
    r.caps = std::move(caps);
    return &home.resources.emplace_back(std::move(r));
}

void presence_table::told_sites(resource& r, served_sites named, base::time_point now) {
    const bool is_silent = named && named->empty();
    if (is_silent && r.serves) return;
    r.names_by = is_silent ? now + names_within : base::time_point{};
    r.serves.reset();
    std::size_t held = 0;
    for_each_of(xmpp::bare_of(r.full), [&](const resource& other) { held += other.serves ? other.serves->size() : 0; });
    if (named && named->size() > most_names - held) named->resize(most_names - held);
    r.serves = std::move(named);
}

bool presence_table::unavailable(std::string_view full) {
    const auto home = households_.find(xmpp::bare_of(full));
    if (home == households_.end()) return false;
    heard_from(full);
    const auto gone =
        std::erase_if(home->second.resources, [&](const resource& r) { return r.full == full; });
    if (home->second.resources.empty()) households_.erase(home);
    return gone > 0;
}

void presence_table::remove_owner(std::string_view bare) {
    const auto home = households_.find(bare);
    if (home == households_.end()) return;
    for (const auto& r : home->second.resources) suspects_ -= r.suspect ? 1 : 0;
    households_.erase(home);
}

void presence_table::clear() noexcept {
    households_.clear();
    suspects_ = 0;
}

resource* presence_table::find(std::string_view full) noexcept {
    const auto home = households_.find(xmpp::bare_of(full));
    if (home == households_.end()) return nullptr;
    for (auto& r : home->second.resources) {
        if (r.full == full) return &r;
    }
    return nullptr;
}

void presence_table::learned(resource& r, dialect speaks) noexcept {
    r.query.clear();
    r.speaks = std::max(r.speaks, speaks);
}

void presence_table::suspect_domain(std::string_view domain) {
    for_each([&](resource& r) {
        if (r.suspect || xmpp::domain_of(r.full) != domain) return;
        r.suspect = true;
        ++suspects_;
    });
}

void presence_table::heard_from(std::string_view full) noexcept {
    if (suspects_ == 0) return;
    auto* r = find(full);
    if (r == nullptr || !r->suspect) return;
    r->suspect = false;
    --suspects_;
}

void presence_table::failed(std::string_view full, base::time_point now) noexcept {
    if (auto* r = find(full); r != nullptr) r->set_aside_until = now + set_aside_for;
}

namespace {
bool is_better(const resource& a, const resource& b, base::time_point now) noexcept {
    const auto rank = [now](const resource& r) {
        const bool is_set_aside = r.set_aside_until && now < *r.set_aside_until;
        return std::tuple(!is_set_aside, r.speaks, !r.suspect, r.priority);
    };
    return rank(a) == rank(b) ? a.turn < b.turn : rank(a) > rank(b);
}

/// Whether nothing stands against chat: it would be the wrong way to ask whoever knows a better one.
bool may_chat(const std::vector<resource>& household) noexcept {
    return std::ranges::none_of(household, [](const resource& r) {
        const bool is_being_asked = r.speaks == dialect::unknown && !r.query.empty() && r.asked <= 1;
        return r.speaks == dialect::crosstalk || is_being_asked;
    });
}

using subset = std::bitset<presence_table::most_resources>;  ///< of a household's resources

/// Who may be asked for `site`; nothing while somebody has yet to say what it serves, and nobody names it.
std::optional<subset> who_serves(const std::vector<resource>& household, std::string_view site, base::time_point now) {
    subset naming, general;
    bool is_open = false;
    for (std::size_t i = 0; i < household.size(); ++i) {
        const auto& r = household[i];
        general[i] = site.empty() || !r.serves;
        naming[i] = r.serves && std::ranges::find(*r.serves, site) != r.serves->end();
        is_open = is_open || r.names_by > now;
    }
    if (naming.any()) return naming;
    if (is_open && !site.empty()) return std::nullopt;
    return general;
}
}  // namespace

presence_table::choice presence_table::choose(
    std::string_view bare, std::string_view site, base::time_point now,
    const std::function<verdict(const std::string& full)>& judge) {
    const auto home = households_.find(bare);
    if (home == households_.end()) return {};
    auto& resources = home->second.resources;
    const auto serving = who_serves(resources, site, now);
    if (!serving) return {presence::unknown, nullptr};
    choice chosen;
    resource* best = nullptr;
    const bool chats = may_chat(resources);
    for (std::size_t i = 0; i < resources.size(); ++i) {
        auto& r = resources[i];
        if (!serving->test(i) || r.speaks == dialect::none || (r.speaks == dialect::chat && !chats)) continue;
        if (r.speaks == dialect::unknown) {
            if (chosen.what == presence::offline) chosen.what = presence::unknown;
            continue;
        }
        if (best != nullptr && !is_better(r, *best, now)) continue;
        const auto judged = judge(r.full);
        if (judged == verdict::busy && best == nullptr) chosen.what = presence::busy;
        if (judged != verdict::usable) continue;
        best = &r;
        chosen = {presence::found, &r.full};
    }
    if (best != nullptr) best->turn = ++home->second.turn;
    return chosen;
}

void presence_table::for_each(const std::function<void(resource&)>& visit) {
    for (auto& [bare, home] : households_) {
        for (auto& r : home.resources) visit(r);
    }
}

void presence_table::for_each_of(std::string_view bare,
                                 const std::function<void(const resource&)>& visit) const {
    const auto home = households_.find(bare);
    if (home == households_.end()) return;
    for (const auto& r : home->second.resources) visit(r);
}

std::size_t presence_table::size() const noexcept {
    std::size_t all = 0;
    for (const auto& [bare, home] : households_) all += home.resources.size();
    return all;
}

namespace {
std::string key_of(const xmpp::caps& announced) { return announced.hash + ' ' + announced.ver; }
}  // namespace

std::optional<dialect> caps_cache::find(const xmpp::caps& announced) const {
    const auto at = known_.find(key_of(announced));
    if (at == known_.end()) return std::nullopt;
    return at->second;
}

void caps_cache::add(const xmpp::caps& announced, dialect speaks) {
    auto key = key_of(announced);
    if (!known_.emplace(key, speaks).second) return;
    if (order_.size() < most_) {
        order_.push_back(std::move(key));
        return;
    }
    known_.erase(order_[next_]);
    order_[next_] = std::move(key);
    next_ = (next_ + 1) % most_;
}

}  // namespace crosstalk::ask
