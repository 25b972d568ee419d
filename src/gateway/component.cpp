// See component.hpp.
#include "gateway/component.hpp"

#include "base/log.hpp"
#include "gateway/attachment.hpp"
#include "gateway/component_settings.hpp"
#include "gateway/component_state.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using base::log;
using base::log_level;
using net::awaitable;

namespace {
/// How long a gateway that stops may take to tell all owners.
constexpr base::milliseconds leaving{2'000};
}  // namespace

component::component(net::executor ex, net::resolver& names, const settings& s,
                     std::optional<registry> sites)
    : state_(std::make_unique<state>(std::move(ex), names, s, std::move(sites))) {}

component::~component() = default;

void component::entrust(upkeep to) { state_->upkeep = std::move(to); }

traffic& component::flows() noexcept { return state_->flows; }

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
    state_->is_stopping = state_->is_over = true;
    state_->looking.cancel();
    state_->changed.ring();
    state_->streams.close_all("the gateway stops");
    co_await state_->streams.join();
    co_await state_->answering.join();
    co_await state_->visiting.join();
    co_await children.join();
}

void component::stop() {
    if (std::exchange(state_->is_stopping, true)) return;
    state_->leaves_by = base::clock::now() + leaving;
    state_->answers.farewell();
    state_->streams.close_all("the gateway stops");
    state_->flush();
}

void component::configure(const settings& s) {
    state_->config = s;
    state_->websockets.configure({s.limits.websockets_per_peer});
    state_->apply_settings();
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

awaitable<const site*> component::find_site(std::string name) {
    if (state_->sites.find(name) == nullptr) co_await state_->look_at_registry();
    co_return state_->shown(state_->sites.find(name));
}

awaitable<const site*> component::find_host(std::string host) {
    if (state_->sites.find_host(host) == nullptr) co_await state_->look_at_registry();
    co_return state_->shown(state_->sites.find_host(host));
}

bool component::may_go_on(const open_visit& visit) const {
    const auto& sites = state_->sites;
    const auto* there = state_->shown(visit.host.empty() ? sites.find(visit.site) : sites.find_host(visit.host));
    return there != nullptr && there->name == visit.site && there->owner == visit.owner &&
           state_->visiting.may_go_on(*there, visit);
}

const policies& component::rules() const noexcept { return state_->registered.rules(); }

awaitable<ask::whereabouts> component::locate(std::string owner, std::string site, std::string avoid,
                                              purpose what) {
    auto found = co_await state_->locate(std::move(owner), std::move(site), std::move(avoid), what);
    co_return found;
}

visitors& component::known_visitors() noexcept { return state_->visiting; }

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
    if (is_failure(end)) state_->table.failed(full, base::clock::now());
}

}  // namespace crosstalk::gateway
