// See component_state.hpp.
#include "gateway/component_state.hpp"

#include <limits>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "gateway/attachment.hpp"
#include "gateway/component_settings.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

using base::log;
using base::log_level;
using net::awaitable;

namespace {

/// How often the registry is looked at, and every how many looks the services' waits.
constexpr base::milliseconds look_every{200};
constexpr unsigned looks_per_expiry = 5;
constexpr std::size_t most_answering = 256, most_answering_one = 16;
/// A change is a write to a disk; nobody types faster.
constexpr std::size_t changes_rate = 1;
/// How long after an attachment a direct stream may be up whose resource has not shown itself.
constexpr base::milliseconds reappearing{30'000};

awaitable<void> hold(allowance::place place, awaitable<void> answer) {
    co_await std::move(answer);
    place = {};
}

}  // namespace

component::state::state(net::executor e, net::resolver& names, const settings& s,
                        std::optional<registry> r)
    : ex(e),
      config(s),
      registered(e, std::move(r), registry::title_of(s.sites.registry)),
      changes({std::numeric_limits<std::size_t>::max(), changes_rate}),
      registering(registered, changes),
      hosts(registered, names),
      desk(registered, rest_for_desk(), flows, changes),
      reception(lobby_of(s), registered),
      told(s.component.domain),
      sites(registered.sites()),
      answers(services_of(s, false), sites, table, base::clock::now()),
      namesakes(s.component.domain, base::random_id()),
      session(session_of(s)),
      link(e, names, session, link_of(s), events()),
      exchange(e, link, exchange_of(s)),
      chat(e, link, chat_of(s)),
      http(e, link, http_exchange_of(s)),
      in_band({&exchange, &http, &chat}),
      offers(sites, table),
      streams(e, exchange_of(s).transactions),
      websockets({s.limits.websockets_per_peer}),
      changed(e),
      looking(e),
      visiting(e, registered, s.component.domain, surroundings()),
      waiting({most_answering_one, 0}),
      answering(e) {
    apply_settings();
    seen_revision = registered.revision();
}

net::link_events component::state::events() {
    net::link_events wired;
    wired.on_online = [this](const xmpp::online& how) { online(how); };
    wired.on_offline = [this](error_code error, const std::string& text, base::milliseconds retry) {
        offline(error, text, retry);
    };
    wired.on_stanza = [this](xmpp::element&& received) { stanza(received); };
    wired.on_idle = [this] { flush(); };
    wired.on_writable = [this] { flush(); };
    return wired;
}

// The link's events

void component::state::online(const xmpp::online& how) {
    log(log_level::info, "component attached", {{"domain", config.component.domain}});
    last_trouble.clear();
    attaches_by = {};
    answers.attached(base::clock::now());
    namesakes.attached(base::clock::now());
    strays_due = base::clock::now() + reappearing;
    in_band.on_online(how);
    flush();
    changed.ring();
}

void component::state::offline(const error_code& error, const std::string& text,
                               base::milliseconds retry) {
    answers.detached();
    namesakes.detached();
    visiting.detached();
    in_band.on_offline(error);
    changed.ring();
    if (is_stopping) return link.stop();
    const auto trouble = trouble_of(error, config);
    const auto reason = text.empty() ? error.message() : error.message() + " (" + text + ')';
    // The same thing said every half minute would bury the rest.
    const bool is_news = reason != last_trouble;
    last_trouble = reason;
    const auto level = trouble.needs_someone ? log_level::error : log_level::warning;
    log(is_news ? level : log_level::debug, "component lost",
        {{"domain", config.component.domain},
         {"reason", reason},
         {"advice", trouble.advice},
         {"retry_ms", retry.count()}});
}

void component::state::stanza(const xmpp::element& received) {
    table.heard_from(received.attr("from"));
    if (in_band.receive(received)) return;
    if (receive_echo(received)) return;
    // Servers name every sender. Were there none, it would pass for the operator, who needs no name.
    if (xmpp::bare_of(received.attr("from")).empty()) return;
    if (is_flood(received)) return;
    if (answer_curiosity(received)) return flush();
    if (received.child("sites", xmpp::ns::crosstalk) != nullptr && xmpp::is_request(received))
        return answer_later(received, answer_sites(received));
    if (received.child("direct", xmpp::ns::crosstalk) != nullptr && xmpp::is_iq(received) &&
        received.attr("type") == "get")
        return answer_direct(received);
    if (visiting.receive(received, base::clock::now())) return flush();
    if (registration::is_asked(received)) return answer_later(received, answer_registration(received));
    if (xmpp::is_command(received)) return answer_later(received, answer_command(received));
    answers.receive(received, base::clock::now(), std::chrono::system_clock::now());
    while (const auto change = answers.poll()) {
        if (change->is_available) {
            in_band.available(change->full);
        } else {
            in_band.unavailable(change->full);
            streams.close(change->full, "it has become unavailable");
        }
    }
    changed.ring();
}

bool component::state::receive_echo(const xmpp::element& received) {
    const bool was_shared = namesakes.is_shared();
    if (!namesakes.receive(received)) return false;
    if (namesakes.is_shared() == was_shared) return true;
    if (was_shared)
        log(log_level::info, "component alone under its name again",
            {{"domain", config.component.domain}});
    else
        log(log_level::error, "component not alone under its name",
            {{"domain", config.component.domain}, {"advice", namesake_advice(config)}});
    return true;
}

void component::state::flush() {
    const auto now = base::clock::now();
    while (link.may_send()) {
        auto next = answers.next(now);
        if (!next) next = namesakes.next(now);
        if (!next) next = told.next();
        if (!next) break;
        if (const auto sent = link.send(*next); !sent) {
            log(log_level::warning, "stanza not sent",
                {{"to", next->attr("to")}, {"reason", sent.error().message()}});
        }
    }
    in_band.on_idle();
    const bool is_all_said = link.may_send() || !link.is_online();
    if (is_stopping && is_all_said) link.stop();
}

// Sites

awaitable<void> component::state::look_at_registry() {
    (void)co_await registered.look();
    note_changes();
}

void component::state::note_changes() {
    if (std::exchange(seen_revision, registered.revision()) != registered.revision()) sites_changed();
}

/// Requests that have to wait for the registry; nobody has all the room there is.
void component::state::answer_later(const xmpp::element& request, awaitable<void> answer) {
    auto place = waiting.take(std::string(xmpp::bare_of(request.attr("from"))), base::clock::now());
    if (place && answering.size() < most_answering)
        return answering.spawn(hold(std::move(place), std::move(answer)));
    answers.reply(xmpp::make_error(request, {xmpp::condition::resource_constraint, "Too much to do. Try again in some seconds."}));
}

/// Who publishes asks for its sites first, perhaps just after the operator has added one.
awaitable<void> component::state::answer_sites(xmpp::element question) {
    co_await look_at_registry();
    answers.receive(question, base::clock::now(), std::chrono::system_clock::now());
    flush();
}

awaitable<void> component::state::answer_registration(xmpp::element request) {
    auto answer = co_await registering.answer(std::move(request), base::clock::now());
    answers.reply(std::move(answer));
    note_changes();
    flush();
}

/// What is suspended, or whose owner is banned, is nobody's to visitors.
const site* component::state::shown(const site* known) const {
    const bool is_hidden = known != nullptr && (known->suspended || registered.rules().is_banned(known->owner));
    return is_hidden ? nullptr : known;
}

void component::state::sites_changed() {
    if (const auto touched = registered.take_touched())
        answers.sites_changed(*touched, base::clock::now());
    else
        answers.sites_changed(base::clock::now());
    visiting.sites_changed();
    const auto has_site = [this](const std::string& full) {
        return sites.is_owner(xmpp::bare_of(full));
    };
    streams.keep_only(has_site, "it has no site here any more");
    if (upkeep.review) upkeep.review();
}

// Direct streams

void component::state::answer_direct(const xmpp::element& question) {
    const auto routes = routes_of(config);
    auto token = base::random_id() + base::random_id();
    answers.reply(offers.answer(question, routes.base, std::move(token), base::clock::now()));
    flush();
}

/// While the component was not attached nobody could tell us who left.
void component::state::close_strays(base::time_point now) {
    if (!strays_due || now < *strays_due) return;
    strays_due.reset();
    streams.keep_only([this](const std::string& full) { return table.find(full) != nullptr; },
                      "it is not online");
}

awaitable<void> component::state::look_often() {
    for (unsigned looks = 0; !is_stopping; ++looks) {
        looking.expires_after(look_every);
        (void)co_await looking.async_wait(net::as_values);
        co_await look_at_registry();
        if (looks % looks_per_expiry == 0) {
            answers.expire(base::clock::now());
            visiting.expire(base::clock::now());
            close_strays(base::clock::now());
        }
        flush();
    }
    while (!is_over && base::clock::now() < leaves_by) {
        looking.expires_at(leaves_by);
        (void)co_await looking.async_wait(net::as_values);
    }
    link.stop();
}

/// WebSockets stay for hours: they have a share of their own, and leave the other one alone.
bool component::state::is_busy(const std::string& full, std::size_t open, purpose what) const {
    const auto held = websockets.open(full);
    if (what == purpose::websocket) return held >= config.limits.websockets_per_peer;
    return open >= held + config.limits.transactions_per_peer;
}

std::variant<std::string, absence> component::state::look_up(const std::string& owner, const std::string& site,
                                                             const std::string& avoid, purpose what) {
    using verdict = presence_table::verdict;
    if (!link.is_online()) return absence::detached;
    const auto judge = [this, &avoid, what](const std::string& full) {
        const auto* direct = streams.find(full);
        if (full == avoid) return verdict::unresponsive;
        if (direct == nullptr && !in_band.is_responsive(full)) return verdict::unresponsive;
        const auto open = in_band.open_count(full) + (direct ? direct->open_count() : 0);
        return is_busy(full, open, what) ? verdict::busy : verdict::usable;
    };
    const auto chosen = table.choose(owner, site, base::clock::now(), judge);
    if (chosen.what == presence_table::presence::found) return *chosen.full;
    const bool all_busy = chosen.what == presence_table::presence::busy;
    return all_busy ? absence::busy : absence::nobody_home;
}

awaitable<ask::whereabouts> component::state::locate(std::string owner, std::string site, std::string avoid,
                                                     purpose what) {
    ask::whereabouts out;
    std::optional<base::time_point> latest;  // from when we are attached: presence can say something new for ever
    for (;;) {
        auto found = look_up(owner, site, avoid, what);
        if (auto* full = std::get_if<std::string>(&found)) {
            out.full = std::move(*full);
            co_return out;
        }
        const auto why = std::get<absence>(found);
        const bool is_detached = why == absence::detached;
        if (!is_detached && !latest) latest = base::clock::now() + services::patience;
        const auto settled = is_detached ? attaches_by : std::min(answers.settles_at(owner), *latest);
        const bool may_come = (is_detached || why == absence::nobody_home) && avoid.empty();
        if (!may_come || settled <= base::clock::now()) {
            out.why = failure_of(why);
            co_return out;
        }
        (void)co_await changed.wait(settled);
    }
}

/// What visitors need of us.
visitor_surroundings component::state::surroundings() {
    visitor_surroundings around;
    around.send = [this](xmpp::element stanza) {
        answers.reply(std::move(stanza));
        flush();
    };
    around.is_attached = [this] { return link.is_online(); };
    around.locate = [this](std::string owner, std::string site) {
        return locate(std::move(owner), std::move(site), {}, purpose::response);
    };
    around.may_ask = [this](const std::string& full) {
        const auto* asked = table.find(full);
        return asked != nullptr && asked->speaks == dialect::crosstalk;
    };
    return around;
}

}  // namespace crosstalk::gateway
