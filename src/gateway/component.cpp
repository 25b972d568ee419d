// See component.hpp.
#include "gateway/component.hpp"

#include "base/ids.hpp"
#include "base/log.hpp"
#include "gateway/attachment.hpp"
#include "gateway/component_settings.hpp"
#include "gateway/direct_offers.hpp"
#include "gateway/direct_streams.hpp"
#include "gateway/namesake_watch.hpp"
#include "gateway/registrar.hpp"
#include "gateway/registration.hpp"
#include "gateway/services.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

using base::log;
using base::log_level;
using net::awaitable;
namespace asio = net::asio;

namespace {

/// How often the registry is looked at, and every how many looks the services' waits.
constexpr base::milliseconds look_every{200};
constexpr unsigned looks_per_expiry = 5;
/// How long after the start requests wait for the first attachment: a restart is no reason for a 503.
constexpr base::milliseconds attaching{5'000};
/// How long after an attachment a direct stream may be up whose resource has not shown itself.
constexpr base::milliseconds reappearing{30'000};

}  // namespace

struct component::state {
    state(net::executor e, net::resolver& names, const settings& s, std::optional<registry> registered);

    net::link_events events();
    void online(const xmpp::online& how);
    void offline(const error_code& error, const std::string& text, base::milliseconds retry);
    void stanza(const xmpp::element& stanza);
    bool receive_echo(const xmpp::element& stanza);
    void flush();
    void look_at_registry();
    void sites_changed();
    void answer_registration(const xmpp::element& request);
    void answer_direct(const xmpp::element& question);
    void close_strays(base::time_point now);
    bool is_busy(const std::string& full, std::size_t open, purpose what) const;
    std::variant<std::string, absence> look_up(const std::string& owner, const std::string& avoid,
                                               purpose what);
    awaitable<void> look_often();

    net::executor ex;
    settings config;
    registrar registered;
    registration registering;
    const directory& sites;
    presence_table table;
    services answers;
    namesake_watch namesakes;
    xmpp::component_session session;
    net::xmpp_link link;
    net::exchange_link exchange;
    net::chat_link chat;  ///< to resources that speak as in 2008
    net::http_link http;  ///< to resources that speak XEP-0332
    net::in_band_group in_band;
    direct_offers offers;
    direct_streams streams;
    allowance websockets;                        ///< open or asked for, of each full JID
    std::optional<base::time_point> strays_due;  ///< when streams without presence are closed
    net::bell changed;                           ///< presence, or what is known of a resource
    asio::steady_timer looking;
    base::time_point attaches_by = base::clock::now() + attaching;  ///< the past, once it has
    bool is_stopping = false;
    std::string last_trouble;  ///< that was logged
};

component::state::state(net::executor e, net::resolver& names, const settings& s,
                        std::optional<registry> r)
    : ex(e),
      config(s),
      registered(std::move(r), s.sites.registry),
      registering(registered),
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
      looking(e) {
    registered.configure(s.sites.fixed, s.sites.registration);
    answers.configure(services_of(config, registered.is_open()));
    look_at_registry();
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
    in_band.on_offline(error);
    changed.ring();
    if (is_stopping) return;
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
    // Who publishes asks for its sites first, perhaps just after the operator has added one.
    if (received.child("sites", xmpp::ns::crosstalk) != nullptr) look_at_registry();
    if (received.child("direct", xmpp::ns::crosstalk) != nullptr && xmpp::is_iq(received) &&
        received.attr("type") == "get")
        return answer_direct(received);
    if (registration::is_asked(received)) return answer_registration(received);
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
        if (!next) break;
        if (const auto sent = link.send(*next); !sent) {
            log(log_level::warning, "stanza not sent",
                {{"to", next->attr("to")}, {"reason", sent.error().message()}});
        }
    }
    in_band.on_idle();
}

// Sites

void component::state::look_at_registry() {
    if (registered.look()) sites_changed();
}

void component::state::answer_registration(const xmpp::element& request) {
    const auto before = registered.revision();
    answers.reply(registering.answer(request, base::clock::now()));
    if (registered.revision() != before) sites_changed();
    flush();
}

void component::state::sites_changed() {
    answers.sites_changed(base::clock::now());
    const auto has_site = [this](const std::string& full) {
        return sites.is_owner(xmpp::bare_of(full));
    };
    streams.keep_only(has_site, "it has no site here any more");
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
        look_at_registry();
        if (looks % looks_per_expiry == 0) {
            answers.expire(base::clock::now());
            close_strays(base::clock::now());
        }
        flush();
    }
}

/// WebSockets stay for hours: they have a share of their own, and leave the other one alone.
bool component::state::is_busy(const std::string& full, std::size_t open, purpose what) const {
    const auto held = websockets.open(full);
    if (what == purpose::websocket) return held >= config.limits.websockets_per_peer;
    return open >= held + config.limits.transactions_per_peer;
}

std::variant<std::string, absence> component::state::look_up(const std::string& owner,
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
    const auto chosen = table.choose(owner, judge);
    if (chosen.what == presence_table::presence::found) return *chosen.full;
    const bool all_busy = chosen.what == presence_table::presence::busy;
    return all_busy ? absence::busy : absence::nobody_home;
}

// The face

component::component(net::executor ex, net::resolver& names, const settings& s,
                     std::optional<registry> sites)
    : state_(std::make_unique<state>(std::move(ex), names, s, std::move(sites))) {}

component::~component() = default;

awaitable<void> component::run() {
    const auto& host = state_->config.component.host;
    if (!is_loopback(host)) {
        log(log_level::warning, "the link to the XMPP server is not encrypted and leaves this machine",
            {{"server", host}, {"advice", "use a server on this machine, or a tunnel to it"}});
    }
    net::task_group children(state_->ex);
    children.spawn(state_->look_often());
    const auto ended = co_await state_->link.run();
    if (!ended) log(log_level::error, "component ended", {{"reason", ended.error().message()}});
    state_->is_stopping = true;
    state_->looking.cancel();
    state_->streams.close_all("the gateway stops");
    co_await state_->streams.join();
    co_await children.join();
}

void component::stop() {
    if (std::exchange(state_->is_stopping, true)) return;
    state_->answers.farewell();
    state_->streams.close_all("the gateway stops");
    state_->flush();
    state_->link.stop();
}

void component::configure(const settings& s) {
    state_->config = s;
    state_->websockets.configure({s.limits.websockets_per_peer});
    state_->registered.configure(s.sites.fixed, s.sites.registration);
    state_->answers.configure(services_of(s, state_->registered.is_open()));
    state_->sites_changed();
    state_->flush();
}

bool component::is_attached() const noexcept { return state_->link.is_online(); }

std::string component::trouble() const {
    if (is_attached())
        return state_->namesakes.is_shared() ? namesake_advice(state_->config) : std::string();
    const auto& told = state_->link.trouble();
    return "not attached to the XMPP server: " + (told.empty() ? "it has not answered yet" : told);
}

const site* component::find_site(const std::string& name) {
    if (const auto* known = state_->sites.find(name); known != nullptr) return known;
    state_->look_at_registry();
    return state_->sites.find(name);
}

awaitable<ask::whereabouts> component::locate(std::string owner, std::string avoid, purpose what) {
    ask::whereabouts out;
    for (;;) {
        auto found = state_->look_up(owner, avoid, what);
        if (auto* full = std::get_if<std::string>(&found)) {
            out.full = std::move(*full);
            co_return out;
        }
        const auto why = std::get<absence>(found);
        const bool is_detached = why == absence::detached;
        const auto settled = is_detached ? state_->attaches_by : state_->answers.settles_at(owner);
        const bool may_come = (is_detached || why == absence::nobody_home) && avoid.empty();
        if (!may_come || settled <= base::clock::now()) {
            out.why = failure_of(why);
            co_return out;
        }
        (void)co_await state_->changed.wait(settled);
    }
}

allowance::place component::hold_websocket(const std::string& full) {
    return state_->websockets.take(full, base::clock::now());
}

net::call component::open(std::string full, cgi::environ_map request, bool body_follows) {
    if (auto* direct = state_->streams.find(full))
        return direct->open(std::move(request), body_follows);
    const auto* asked = state_->table.find(full);
    const auto speaks = asked == nullptr ? dialect::crosstalk : asked->speaks;
    if (speaks != dialect::chat && speaks != dialect::xep0332)
        return state_->exchange.open(std::move(full), std::move(request), body_follows);
    request.erase("HTTP_UPGRADE");  // neither has WebSockets
    request.erase("HTTP_CONNECTION");
    if (speaks == dialect::chat)
        return state_->chat.open(std::move(full), std::move(request), body_follows);
    return state_->http.open(std::move(full), std::move(request), body_follows);
}

std::optional<std::string> component::admit_direct(std::string_view token) {
    return state_->offers.redeem(token, base::clock::now());
}

void component::adopt_direct(const std::string& full, net::byte_stream stream, std::string received) {
    if (state_->is_stopping || state_->table.find(full) == nullptr) return;
    state_->streams.adopt(full, std::move(stream), std::move(received));
}

void component::note_end(const std::string& full, const talk::outcome& end) {
    if (is_domain_trouble(end)) state_->table.suspect_domain(xmpp::domain_of(full));
}

}  // namespace crosstalk::gateway
