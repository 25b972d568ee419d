// What changes sites and rules: judged, written, and seen in the directory before it is answered.
#include <algorithm>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/wall_clock.hpp"
#include "gateway/registrar.hpp"
#include "http/syntax.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;

namespace {

/// Where there is no registry that forgets what has expired.
constexpr std::size_t most_ended = 10'000;
constexpr auto whenever = base::time_point::max();

stanza_error taken(const std::string& name) {
    return {condition::conflict, name + " is taken. Choose another name."};
}

/// The guests that a site has after `wanted`, sorted, each once.
std::vector<std::string> guests_after(const site_change& wanted, std::vector<std::string> guests) {
    if (wanted.guests) guests = *wanted.guests;
    guests.insert(guests.end(), wanted.invited.begin(), wanted.invited.end());
    std::erase_if(guests, [&wanted](const std::string& guest) {
        return std::ranges::find(wanted.dismissed, guest) != wanted.dismissed.end();
    });
    std::ranges::sort(guests);
    const auto [first, last] = std::ranges::unique(guests);
    guests.erase(first, last);
    return guests;
}

}  // namespace

/// One change after the other: what is judged stays true until it is written.
class registrar::turn {
  public:
    explicit turn(registrar& of) : of_(&of) { of.is_changing_ = true; }
    turn(turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    turn& operator=(turn&&) = delete;
    ~turn() {
        if (of_ == nullptr) return;
        of_->is_changing_ = false;
        of_->changed_.ring();
    }

  private:
    registrar* of_;
};

registrar::refusal registrar::failed(const error_code& error) const {
    base::log(base::log_level::error, "registry not written",
              {{"file", file_}, {"reason", error.message()}});
    return stanza_error(condition::internal_server_error,
                        "The gateway cannot write its registry just now. Try again later, and tell its "
                        "operator if that does not help.");
}

registrar::refusal registrar::judge(const std::string& owner, const std::string& name) const {
    if (auto why = admit(owner)) return why;
    if (name.size() > 63)
        return stanza_error(condition::not_acceptable, "A name has at most 63 characters.");
    if (!is_site_name(name))
        return stanza_error(condition::not_acceptable,
                            "A name is made of the letters a to z, digits and hyphens, with no hyphen at "
                            "either end.");
    const bool is_reserved =
        is_reserved_name(name) || std::ranges::find(rules_.reserved, name) != rules_.reserved.end();
    if (is_reserved) return stanza_error(condition::not_acceptable, name + " is reserved. Choose another name.");
    if (is_encoded_name(name))
        return stanza_error(condition::not_acceptable,
                            "A name has no two hyphens in third and fourth place: such names stand for "
                            "other scripts. Choose another name.");
    const auto held = names_of(owner).size();
    const auto most = policies_.find(owner, policy_key::names);
    if (held >= (most ? static_cast<std::uint64_t>(*most) : rules_.names_per_owner))
        return stanza_error(condition::not_allowed,
                            "You have " + std::to_string(held) +
                                " names, and may not have more. Give one back first.");
    const auto domain = xmpp::domain_of(owner);
    const auto most_there = policies_.find(domain, policy_key::domain_names);
    if (most_there && sites_.registered_in(domain) >= static_cast<std::uint64_t>(*most_there))
        return stanza_error(condition::not_allowed,
                            "The people of " + std::string(domain) + " have as many names together as their domain may "
                                "have. Give one back first, or ask the gateway's operator for more.");
    return std::nullopt;
}

/// Whether `owner` ("": the operator) may change that site, and anybody here can.
registrar::refusal registrar::judge_change(const std::string& owner, const std::string& name) const {
    const auto* there = sites_.find(name);
    const bool is_theirs = there != nullptr && (owner.empty() || there->owner == owner);
    if (!is_theirs)
        return stanza_error(condition::item_not_found,
                            (owner.empty() ? "There is no site " : "You have no site ") + name + '.');
    if (!there->fixed) return std::nullopt;
    return stanza_error(condition::not_allowed,
                        name + " is fixed by the gateway's configuration, and changed only there.");
}

// Changing

registrar::awaitable<registrar::turn> registrar::take_turn() {
    while (is_changing_) (void)co_await changed_.wait(whenever);
    turn ours(*this);
    (void)co_await look();
    co_return std::move(ours);
}

registrar::awaitable<registrar::refusal> registrar::add(site added) {
    const auto question = [added](registry& r) { return r.add(added); };
    const auto done = co_await kept_->ask(question);
    if (!done && done.error() == registry_errc::name_taken) co_return taken(added.name);
    if (!done) co_return failed(done.error());
    (void)co_await look();
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::write(site before, site after) {
    const auto question = [before, after](registry& r) { return r.update(before, after); };
    const auto done = co_await kept_->ask(question);
    if (!done) co_return failed(done.error());
    (void)co_await look();
    if (!*done) co_return stanza_error(condition::item_not_found, before.name + " has been given back meanwhile.");
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::claim(std::string owner, std::string typed,
                                                          std::optional<visibility> seen_by) {
    const auto ours = co_await take_turn();
    const auto name = http::in_lower_case(std::string_view(typed).substr(0, 256));
    const auto* holder = sites_.find(name);
    if (holder != nullptr && holder->owner == owner) {
        if (!seen_by || holder->seen_by == *seen_by) co_return std::nullopt;
        if (auto why = judge_change(owner, name)) co_return why;
        auto changed = *holder;
        changed.seen_by = *seen_by;
        auto why_not = co_await write(*holder, std::move(changed));
        co_return why_not;
    }
    if (auto why = judge(owner, name)) co_return why;
    if (holder != nullptr) co_return taken(name);
    site added{name, owner};
    added.seen_by = seen_by.value_or(visibility::everybody);
    auto why_not = co_await add(std::move(added));
    if (!why_not) base::log(base::log_level::info, "site registered", {{"site", name}, {"owner", owner}});
    co_return why_not;
}

registrar::awaitable<registrar::refusal> registrar::release(std::string owner, std::string name) {
    const auto ours = co_await take_turn();
    if (auto why = judge_change(owner, name)) co_return why;
    const auto question = [name](registry& r) { return r.remove(name); };
    const auto removed = co_await kept_->ask(question);
    if (!removed) co_return failed(removed.error());
    base::log(base::log_level::info, "site given back", {{"site", name}, {"owner", owner}});
    (void)co_await look();
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::release_all(std::string owner) {
    const auto ours = co_await take_turn();
    const auto names = names_of(owner);
    if (names.empty()) co_return stanza_error(condition::registration_required, "You have no names here.");
    const auto question = [owner](registry& r) { return r.remove_of(owner); };
    const auto removed = co_await kept_->ask(question);
    if (!removed) co_return failed(removed.error());
    for (const auto& name : names)
        base::log(base::log_level::info, "site given back", {{"site", name}, {"owner", owner}});
    (void)co_await look();
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::change(std::string owner, std::string name, site_change wanted) {
    const auto ours = co_await take_turn();
    if (auto why = judge_change(owner, name)) co_return why;
    const auto before = *sites_.find(name);
    auto changed = before;
    changed.seen_by = wanted.seen_by.value_or(changed.seen_by);
    changed.suspended = wanted.suspended.value_or(changed.suspended);
    changed.guests = guests_after(wanted, std::move(changed.guests));
    if (changed.guests.size() > most_guests)
        co_return stanza_error(condition::not_acceptable, "A site has at most " + std::to_string(most_guests) +
                                                              " guests. Name a domain in place of its people.");
    if (changed == before) co_return std::nullopt;
    auto why_not = co_await write(before, std::move(changed));
    if (!why_not) base::log(base::log_level::info, "site changed", {{"site", name}, {"by", owner.empty() ? "operator" : owner}});
    co_return why_not;
}

registrar::awaitable<registrar::refusal> registrar::add_host(std::string owner, std::string name, std::string host) {
    const auto ours = co_await take_turn();
    if (auto why = judge_change(owner, name)) co_return why;
    const auto* holder = sites_.find_host(host);
    if (holder != nullptr && holder->name == name) co_return std::nullopt;
    if (holder != nullptr && holder->fixed)
        co_return stanza_error(condition::conflict, host + " is given away by the gateway's configuration.");
    if (sites_.find(name)->hosts.size() >= most_hosts)
        co_return stanza_error(condition::not_allowed,
                               "A site has at most " + std::to_string(most_hosts) + " hosts. Give one up first.");
    const auto question = [host, name](registry& r) { return r.move_host(host, name); };
    const auto done = co_await kept_->ask(question);
    if (!done) co_return failed(done.error());
    base::log(base::log_level::info, "host given", {{"host", host}, {"site", name}, {"by", owner.empty() ? "operator" : owner}});
    (void)co_await look();
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::remove_host(std::string owner, std::string host) {
    const auto ours = co_await take_turn();
    const auto* holder = sites_.find_host(host);
    if (holder == nullptr || (!owner.empty() && holder->owner != owner))
        co_return stanza_error(condition::item_not_found, host + " is no host of your sites.");
    if (auto why = judge_change(owner, holder->name)) co_return why;
    const auto question = [host](registry& r) { return r.remove_host(host); };
    const auto done = co_await kept_->ask(question);
    if (!done) co_return failed(done.error());
    base::log(base::log_level::info, "host given up", {{"host", host}, {"by", owner.empty() ? "operator" : owner}});
    (void)co_await look();
    co_return std::nullopt;
}

// The operator

registrar::awaitable<registrar::refusal> registrar::give(std::string owner, std::string typed) {
    const auto ours = co_await take_turn();
    const auto name = http::in_lower_case(typed);
    if (!kept_)
        co_return stanza_error(condition::service_unavailable, "There is no registry: sites.registry is not set.");
    if (!is_site_name(name))
        co_return stanza_error(condition::not_acceptable, "A name is made of 1 to 63 letters a to z, digits and hyphens.");
    if (sites_.find(name) != nullptr) co_return taken(name);
    site given{name, owner};
    auto why_not = co_await add(std::move(given));
    if (!why_not) base::log(base::log_level::info, "site given", {{"site", name}, {"owner", owner}});
    co_return why_not;
}

registrar::awaitable<registrar::refusal> registrar::take(std::string name) {
    auto why_not = co_await release(std::string(), std::move(name));
    co_return why_not;
}

registrar::awaitable<registrar::refusal> registrar::rule(std::string subject, policy_key key,
                                                         std::optional<std::int64_t> value) {
    const auto ours = co_await take_turn();
    if (policies_.is_fixed(subject, key))
        co_return stanza_error(condition::not_allowed, std::string(to_text(key)) + " of " + subject +
                                                           " is fixed by the gateway's configuration, and changed only there.");
    if (!kept_)
        co_return stanza_error(condition::service_unavailable, "There is no registry: sites.registry is not set.");
    const auto question = [=](registry& r) { return r.rule(subject, key, value); };
    const auto done = co_await kept_->ask(question);
    if (!done) co_return failed(done.error());
    base::log(base::log_level::info, "rule set",
              {{"subject", subject}, {"rule", to_text(key)}, {"value", value ? std::to_string(*value) : "none"}});
    (void)co_await look();
    co_return std::nullopt;
}

// What outlives a restart

registrar::awaitable<std::optional<std::string>> registrar::secret(std::string name) {
    const auto made = base::random_id() + base::random_id() + base::random_id();
    if (!kept_) co_return secrets_.emplace(name, made).first->second;
    const auto question = [=](registry& r) { return r.secret(name, made); };
    auto kept = co_await kept_->ask(question);
    if (kept) co_return *std::move(kept);
    (void)failed(kept.error());
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::remember_end(std::string id, std::int64_t expires) {
    if (ended_.size() >= most_ended) ended_.erase(ended_.begin());
    ended_.insert(id);
    if (!kept_) co_return std::nullopt;
    const auto question = [=](registry& r) -> result<std::vector<std::string>> {
        const auto now = base::seconds_since_1970();
        if (auto done = r.remember_end(id, expires, now); !done) return done.error();
        return r.ended(now);
    };
    auto ended = co_await kept_->ask(question);
    if (!ended) co_return failed(ended.error());
    ended_ = {ended->begin(), ended->end()};
    co_return std::nullopt;
}

}  // namespace crosstalk::gateway
