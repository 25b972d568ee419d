// See front_end.hpp.
#include "gateway/front_end.hpp"

#include <algorithm>
#include <array>

#include "ask/client_network.hpp"
#include "ask/destination.hpp"
#include "base/log.hpp"
#include "cgi/environ.hpp"
#include "gateway/direct_door.hpp"

namespace crosstalk::gateway {

using net::awaitable;

namespace {

constexpr std::string_view software = "CrossTalk/" CROSSTALK_VERSION;

proxy_list proxies_of(const settings& s) {
    std::string bad;
    return proxy_list::parse(s.http.trusted_proxies, bad).value_or(proxy_list());
}

client_address other_end_of(const net::byte_stream& stream) {
    return {stream.remote_address(), stream.remote_port(), stream.is_tls() ? "https" : "http"};
}

std::uint16_t port_of(const http::authority& authority, std::string_view scheme) {
    if (authority.port != 0) return authority.port;
    return scheme == "https" ? 443 : 80;
}

/// An owner whom the gateway asks.
class attached_owner final : public ask::site_owner {
  public:
    attached_owner(component& xmpp, std::string bare, std::string site, component::purpose what)
        : xmpp_(xmpp), bare_(std::move(bare)), site_(std::move(site)), what_(what) {}
    awaitable<ask::whereabouts> locate(std::string avoid) override {
        return xmpp_.locate(bare_, site_, std::move(avoid), what_);
    }
    net::call open(std::string full, cgi::environ_map request, bool body_follows) override {
        if (what_ == component::purpose::websocket) held_ = xmpp_.hold_websocket(full);
        return xmpp_.open(std::move(full), std::move(request), body_follows);
    }
    void note_end(const std::string& full, const talk::outcome& end) override {
        xmpp_.note_end(full, end);
    }

  private:
    component& xmpp_;
    std::string bare_, site_;
    component::purpose what_;
    allowance::place held_;
};

/// Unless the operator says otherwise, nobody alone has all that a peer may have open at once.
std::uint64_t one_client_most(const settings& s) {
    const auto all = s.limits.transactions_per_peer;
    return s.limits.transactions_per_client.value_or(std::max<std::uint64_t>(16, all - all / 16));
}

allowance_limits client_limits_of(const settings& s) {
    return {one_client_most(s), s.limits.rate_per_client};
}

std::chrono::seconds session_of_visitors(const settings& s) {
    return std::chrono::ceil<std::chrono::seconds>(s.sites.session);
}

}  // namespace

http_server_settings server_settings_of(const settings& s) {
    http_server_settings server;
    server.connection.limits = {s.limits.uri, s.limits.headers, s.limits.header_count};
    server.connection.header = s.timeouts.header;
    server.connection.body = s.timeouts.body;
    server.connection.idle = s.timeouts.idle;
    server.connection.streams = static_cast<unsigned>(s.limits.streams);
    server.connections = s.limits.connections;
    server.connections_per_client = s.limits.connections_per_client;
    server.speaks_for_others = [proxies = proxies_of(s)](std::string_view address) {
        return proxies.trusts(address);
    };
    return server;
}

struct front_end::configuration {
    route_settings routes;
    proxy_list proxies;
    relay_settings relaying;
    bool hides_names = false;
};

struct front_end::request {
    net::http_stream& connection;
    http::request_head& head;
    std::shared_ptr<const configuration> config;
    route where;
    client_address client;
    base::time_point began;
    std::string user = {};  ///< the visitor's bare JID, or ""
    standing as = standing::anybody;  ///< the visitor was let in
    bool is_private = false;  ///< the site is not for everybody, or knows this visitor

    /// Of the visitor; "" for who stands for many, or for nobody known.
    [[nodiscard]] std::string network() const;
    void log(unsigned status) const;
    [[nodiscard]] result<cgi::environ_map> environ_of() const;
};

std::string front_end::request::network() const {
    const auto& address = client.address;
    return address.empty() || config->proxies.trusts(address) ? std::string() : ask::client_network(address);
}

void front_end::request::log(unsigned status) const {
    if (!base::is_logged(base::log_level::info)) return;
    const auto took = std::chrono::duration_cast<base::milliseconds>(base::clock::now() - began);
    const std::string_view target = head.target;
    base::log(base::log_level::info, "request",
              {{"method", head.method},
               {"site", where.name.empty() ? std::string_view("-") : std::string_view(where.name)},
               {"path", target.substr(0, target.find('?'))},
               {"status", status},
               {"bytes", connection.body_sent()},
               {"ms", took.count()},
               {"client",
                client.address.empty() ? std::string_view("-") : std::string_view(client.address)}});
}

result<cgi::environ_map> front_end::request::environ_of() const {
    cgi::request_facts facts;
    facts.script_name = where.script_name;
    facts.target = where.target;
    facts.scheme = client.scheme;
    facts.server_name = where.authority.host;
    facts.server_port = port_of(where.authority, client.scheme);
    facts.remote_addr = client.address;
    facts.remote_port = client.port;
    facts.server_software = software;
    if (!user.empty()) {
        facts.auth_type = "XMPP";
        facts.remote_user = user;
    }
    facts.websocket = ask::opens_websocket(head, connection);
    return cgi::make_environ(head, facts);
}

front_end::front_end(net::executor ex, component& xmpp, const settings& s)
    : ex_(std::move(ex)), xmpp_(xmpp), clients_(client_limits_of(s)), owners_(xmpp.rules()), reception_(xmpp.known_visitors(), session_of_visitors(s)) {
    configure(s);
}

void front_end::configure(const settings& s) {
    auto made = std::make_shared<configuration>();
    made->routes.addressing = s.sites.addressing;
    if (auto address = parse_base_url(s.http.base_url)) made->routes.base = *std::move(address);
    made->proxies = proxies_of(s);
    made->relaying.response = s.timeouts.response;
    made->relaying.body = s.limits.body;
    made->hides_names = s.sites.hide_names;
    made->relaying.tunnel = {s.timeouts.websocket, s.timeouts.body};
    configuration_ = std::move(made);
    clients_.configure(client_limits_of(s));
    reception_.configure(session_of_visitors(s));
}

void front_end::review() {
    const auto ended = open_.review([this](const open_visit& visit) { return xmpp_.may_go_on(visit); });
    if (ended != 0)
        base::log(base::log_level::info, "requests cut short", {{"count", ended}, {"reason", "the site is not for them any more"}});
}

/// What a request of this visitor takes; nothing when that is too much. Who stands for many, or for
/// nobody known, may have any number.
std::optional<allowance::place> front_end::admit(const request& r) {
    const auto network = r.network();
    if (network.empty()) return allowance::place();
    auto taken = clients_.take(network, r.began);
    if (!taken) return std::nullopt;
    return taken;
}

awaitable<bool> front_end::answer(net::http_stream& connection, http::request_head& head) {
    request r{connection, head, configuration_, {}, {}, base::clock::now()};
    r.client = find_client(other_end_of(connection.stream()), head.headers, r.config->proxies);
    r.where = find_route(head, r.config->routes);
    const bool is_for_site = !r.where.name.empty() || r.where.what == route::kind::own_host;
    if (is_for_site) ask::obey_target(head, r.where.authority);
    bool goes_on = false;
    const auto admitted = admit(r);
    if (!admitted) {
        goes_on = co_await refuse(r, failure_of(refusal::too_many_requests));
        co_return goes_on;
    }
    switch (r.where.what) {
        case route::kind::refused:
            goes_on = co_await refuse(r, failure_of(r.where.why));
            break;
        case route::kind::server:
            goes_on = co_await tell(r, options_page());
            break;
        case route::kind::direct:
            goes_on = co_await open_direct(r);
            break;
        case route::kind::site:
        case route::kind::own_host:
        case route::kind::redirect:
            goes_on = co_await answer_site(r);
            break;
    }
    co_return goes_on;
}

awaitable<bool> front_end::open_direct(request& r) {
    const auto answered = co_await answer_at_door(r.connection, r.head, xmpp_);
    r.log(answered.status);
    co_return answered.goes_on;
}

awaitable<bool> front_end::answer_site(request& r) {
    const site* found = nullptr;
    if (r.where.what == route::kind::own_host) {
        found = co_await xmpp_.find_host(r.where.authority.host);
        if (found != nullptr) r.where.name = found->name;
    } else {
        found = co_await xmpp_.find_site(r.where.name);
    }
    bool goes_on = false;
    const auto limit = r.config->relaying.body;
    std::optional<site> nobodys;
    if (found == nullptr && r.config->hides_names && r.where.what != route::kind::own_host)
        found = &nobodys.emplace(site{r.where.name, "", false, 0, visibility::listed});
    if (found == nullptr) {
        goes_on = co_await refuse(r, failure_of(refusal::unknown_site));
    } else if (r.where.what == route::kind::redirect) {
        goes_on = co_await tell(r, redirect_page(r.where.location));
    } else if (limit != 0 && r.connection.content_length().value_or(0) > limit) {
        goes_on = co_await refuse(r, failure_of(refusal::body_too_large));
    } else {
        const auto owner = found->owner;
        auto instead = co_await receive_visitor(r, *found);
        if (instead)
            goes_on = co_await tell(r, *std::move(instead));
        else
            goes_on = co_await ask(r, owner);
    }
    co_return goes_on;
}

/// The page that a visitor is shown instead of the site's, if there is one.
awaitable<std::optional<page>> front_end::receive_visitor(request& r, const site& where) {
    welcome given;
    r.is_private = where.seen_by != visibility::everybody;  // before any wait: the site may change meanwhile
    if (reception::is_needed(r.head, where, r.where.target)) {
        const bool is_path = !r.where.script_name.empty();
        arrival a{r.connection,
                  r.head,
                  where,
                  r.where.target,
                  http::to_text(r.where.authority),
                  r.client.scheme,
                  r.network(),
                  is_path ? site_url(r.config->routes, where.name) : std::string()};
        given = co_await reception_.receive(std::move(a));
    }
    r.user = given.user;
    r.as = given.as;
    r.is_private = r.is_private || !r.user.empty();
    reception::keep_back(r.head.headers, given);
    co_return std::move(given.answer);
}

awaitable<bool> front_end::ask(request& r, std::string owner) {
    const auto what = ask::opens_websocket(r.head, r.connection) ? component::purpose::websocket
                                                                 : component::purpose::response;
    const auto admitted = owners_.take(owner, base::clock::now());
    bool goes_on = false;
    if (!admitted) {
        goes_on = co_await refuse(r, failure_of(absence::busy));
        co_return goes_on;
    }
    auto relaying = r.config->relaying;
    relaying.is_private = r.is_private;
    if (owners_.has_bandwidth(owner))
        relaying.pace = [this, owner](std::size_t moved) { return owners_.move(owner, moved, base::clock::now()); };
    const bool has_own_host = r.where.what == route::kind::own_host;
    const auto here = open_.enter(
        {r.where.name, owner, has_own_host ? r.where.authority.host : std::string(), r.user, r.as});
    relaying.revocable = [this, &visit = *here](std::function<void()> end) {
        visit.end = std::move(end);
        if (visit.end && !xmpp_.may_go_on(visit)) visit.end();
    };
    attached_owner there(xmpp_, std::move(owner), r.where.name, what);
    auto counted = xmpp_.flows().begin(r.where.name);
    ask::errand one{r.connection,
                    r.head,
                    there,
                    std::move(relaying),
                    r.where.script_name,
                    [&r] { return r.environ_of(); },
                    [&r](unsigned status) { r.log(status); }};
    goes_on = co_await one.run(ex_);
    counted.carried(r.connection.body_received(), r.connection.body_sent());
    co_return goes_on;
}

awaitable<bool> front_end::refuse(request& r, failure why) {
    const bool goes_on = co_await tell(r, error_page(why, r.head.headers.get("Accept")));
    co_return goes_on;
}

awaitable<bool> front_end::tell(request& r, page what) {
    const auto status = what.head.status;
    const bool goes_on = co_await send_page(r.connection, std::move(what));
    r.log(status);
    co_return goes_on;
}

}  // namespace crosstalk::gateway
