// See registrar.hpp.
#include "gateway/registrar.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/wall_clock.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;

namespace {

constexpr auto whenever = base::time_point::max();

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

}  // namespace

registrar::registrar(net::executor ex, std::optional<registry> kept, std::string file)
    : file_(std::move(file)), looked_(ex), changed_(ex) {
    if (!kept) return;
    kept_.emplace(ex, *std::move(kept));
    take(kept_->ask_now([](registry& r) { return r.since(-1); }));
    if (auto ended = kept_->ask_now([](registry& r) { return r.ended(base::seconds_since_1970()); }); ended)
        ended_.insert(ended->begin(), ended->end());
}

void registrar::configure(const std::vector<site>& fixed, registration_rules rules, std::vector<policy> said) {
    sites_.fix(fixed);
    policies_.fix(std::move(said));
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
    if (changes->rules) policies_.assign(*std::move(changes->rules));
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

}  // namespace crosstalk::gateway
