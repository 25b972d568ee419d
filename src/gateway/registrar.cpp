// See registrar.hpp.
#include "gateway/registrar.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;

namespace {

/// Where there is no registry that forgets what has expired.
constexpr std::size_t most_ended = 10'000;
constexpr auto whenever = base::time_point::max();

/// Names are told, typed and printed in any case; DNS does not care.
std::string folded(std::string_view name) {
    std::string out(name);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::int64_t seconds_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

stanza_error taken(const std::string& name) {
    return {condition::conflict, name + " is taken. Choose another name."};
}

/// Sets a flag for as long as it lives.
class flag_up {
  public:
    explicit flag_up(bool& flag) : flag_(flag) { flag_ = true; }
    ~flag_up() { flag_ = false; }
    flag_up(const flag_up&) = delete;
    flag_up& operator=(const flag_up&) = delete;

  private:
    bool& flag_;
};

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

registrar::registrar(net::executor ex, std::optional<registry> kept, std::string file)
    : ex_(ex), file_(std::move(file)), looked_(ex), changed_(ex) {
    if (!kept) return;
    kept_.emplace(ex, *std::move(kept));
    take(kept_->ask_now([](registry& r) { return r.since(-1); }));
    if (auto ended = kept_->ask_now([](registry& r) { return r.ended(seconds_now()); }); ended)
        ended_ = *std::move(ended);
}

void registrar::configure(const std::vector<site>& fixed, registration_rules rules) {
    sites_.fix(fixed);
    touched_.reset();
    rules_ = std::move(rules);
}

// Following the registry

registrar::awaitable<bool> registrar::look() {
    const auto before = revision_;
    if (!kept_) co_return false;
    // Who is looking just now may see what was there before we were asked.
    const auto wanted = looks_ + (is_looking_ ? 2 : 1);
    while (looks_ < wanted) {
        if (is_looking_) {
            (void)co_await looked_.wait(whenever);
            continue;
        }
        {
            const flag_up looking(is_looking_);
            const auto question = [from = version_](registry& r) { return r.since(from); };
            auto changes = co_await kept_->ask(question);
            take(std::move(changes));
        }
        ++looks_;
        looked_.ring();
    }
    co_return revision_ != before;
}

bool registrar::take(result<registry_changes> changes) {
    if (!changes) {
        if (!std::exchange(is_broken_, true))
            base::log(base::log_level::error, "registry unreadable, the sites known so far stay",
                      {{"file", file_}, {"reason", changes.error().message()}});
        return false;
    }
    if (std::exchange(is_broken_, false))
        base::log(base::log_level::info, "registry readable again", {{"file", file_}});
    if (changes->revision == version_) return false;
    version_ = changes->revision;
    if (changes->is_all) {
        sites_.assign(std::move(changes->sites));
        touched_.reset();
    } else {
        for (auto& s : changes->sites) {
            touch(s.name);
            if (touched_) touched_->push_back(s.owner);
            sites_.put(std::move(s));
        }
        for (const auto& name : changes->gone) {
            touch(name);
            sites_.remove(name);
        }
    }
    if (changes->rules) policies_.assign(*changes->rules);
    ++revision_;
    return true;
}

/// The owner of that name, as it is before it changes.
void registrar::touch(std::string_view name) {
    const auto* before = sites_.find(name);
    if (touched_ && before != nullptr) touched_->push_back(before->owner);
}

std::optional<std::vector<std::string>> registrar::take_touched() {
    return std::exchange(touched_, std::vector<std::string>());
}

// Reading

bool registrar::is_open() const noexcept {
    return kept_ && (rules_.is_for_anybody || !rules_.who.empty());
}

registrar::refusal registrar::admit(const std::string& owner) const {
    if (policies_.is_banned(owner))
        return stanza_error(condition::not_allowed, "The gateway's operator has shut " + owner + " out.");
    const auto said = policies_.find(owner, policy_key::registers);
    if (!kept_ || (!is_open() && !said))
        return stanza_error(condition::service_unavailable, "Names are given by the gateway's operator alone.");
    const bool is_named = std::ranges::any_of(rules_.who, [&owner](const std::string& who) {
        return who == owner || who == xmpp::domain_of(owner);
    });
    if (said ? *said != 0 : rules_.is_for_anybody || is_named) return std::nullopt;
    return stanza_error(condition::not_allowed,
                        "Names are not given to " + owner + " here. Ask the gateway's operator for one.");
}

std::vector<std::string> registrar::names_of(std::string_view owner) const {
    std::vector<std::string> names;
    for (const auto* s : sites_.of_owner(owner))
        if (!s->fixed) names.push_back(s->name);
    return names;
}

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

registrar::awaitable<registrar::refusal> registrar::write(site changed) {
    const auto question = [changed](registry& r) { return r.update(changed); };
    const auto done = co_await kept_->ask(question);
    if (!done) co_return failed(done.error());
    (void)co_await look();
    co_return std::nullopt;
}

registrar::awaitable<registrar::refusal> registrar::claim(std::string owner, std::string typed,
                                                          std::optional<visibility> seen_by) {
    const auto ours = co_await take_turn();
    const auto name = folded(std::string_view(typed).substr(0, 256));
    const auto* holder = sites_.find(name);
    if (holder != nullptr && holder->owner == owner) {
        if (!seen_by || holder->seen_by == *seen_by) co_return std::nullopt;
        if (auto why = judge_change(owner, name)) co_return why;
        auto changed = *holder;
        changed.seen_by = *seen_by;
        auto why_not = co_await write(std::move(changed));
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
    auto changed = *sites_.find(name);
    changed.seen_by = wanted.seen_by.value_or(changed.seen_by);
    changed.suspended = wanted.suspended.value_or(changed.suspended);
    changed.guests = guests_after(wanted, std::move(changed.guests));
    if (changed.guests.size() > most_guests)
        co_return stanza_error(condition::not_acceptable, "A site has at most " + std::to_string(most_guests) +
                                                              " guests. Name a domain in place of its people.");
    if (changed == *sites_.find(name)) co_return std::nullopt;
    auto why_not = co_await write(std::move(changed));
    if (!why_not) base::log(base::log_level::info, "site changed", {{"site", name}, {"by", owner.empty() ? "operator" : owner}});
    co_return why_not;
}

// The operator

registrar::awaitable<registrar::refusal> registrar::give(std::string owner, std::string typed) {
    const auto ours = co_await take_turn();
    const auto name = folded(typed);
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

registrar::awaitable<std::string> registrar::secret(std::string name) {
    const auto made = base::random_id() + base::random_id() + base::random_id();
    if (kept_) {
        const auto question = [=](registry& r) { return r.secret(name, made); };
        auto kept = co_await kept_->ask(question);
        if (kept) co_return *std::move(kept);
        (void)failed(kept.error());
    }
    co_return secrets_.emplace(name, made).first->second;
}

registrar::awaitable<registrar::refusal> registrar::remember_end(std::string id, std::int64_t expires) {
    if (ended_.size() >= most_ended) ended_.erase(ended_.begin());
    ended_.push_back(id);
    if (!kept_) co_return std::nullopt;
    const auto question = [=](registry& r) -> result<std::vector<std::string>> {
        const auto now = seconds_now();
        if (auto done = r.remember_end(id, expires, now); !done) return done.error();
        return r.ended(now);
    };
    auto ended = co_await kept_->ask(question);
    if (!ended) co_return failed(ended.error());
    ended_ = *std::move(ended);
    co_return std::nullopt;
}

}  // namespace crosstalk::gateway
