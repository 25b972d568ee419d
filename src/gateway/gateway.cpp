// See gateway.hpp.
#include "gateway/gateway.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "ask/http_server.hpp"
#include "base/log.hpp"
#include "gateway/admin.hpp"
#include "gateway/asking.hpp"
#include "gateway/component.hpp"
#include "gateway/front_end.hpp"
#include "gateway/systemd.hpp"

namespace crosstalk::gateway {

using base::log;
using base::log_level;
using net::awaitable;
namespace asio = net::asio;

namespace {

constexpr int stopped = 0;
constexpr int misconfigured = 1;

/// Each connection is a descriptor; the soft limit is often 1024.
void raise_descriptor_limit(const settings& s) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = s.limits.connections + 256;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted) {
        log(log_level::warning, "fewer descriptors than limits.connections needs",
            {{"allowed", limit.rlim_cur},
             {"wanted", wanted},
             {"advice",
              "raise the hard limit (ulimit -Hn, LimitNOFILE=), or lower limits.connections"}});
    }
}

void warn_of_root() {
    if (geteuid() != 0) return;
    log(log_level::warning, "running as root, which nothing here needs",
        {{"advice",
          "run it as a user of its own; CAP_NET_BIND_SERVICE is enough for ports below 1024"}});
}

/// What only a new start can change.
bool needs_restart(const settings& a, const settings& b) {
    return a.component.domain != b.component.domain || a.component.secret != b.component.secret ||
           a.component.host != b.component.host || a.component.port != b.component.port ||
           a.http.listen != b.http.listen || a.http.tls.listen != b.http.tls.listen ||
           a.admin.listen != b.admin.listen || a.sites.registry != b.sites.registry ||
           a.limits.buffer != b.limits.buffer || a.dns_servers != b.dns_servers;
}

result<net::tls_server_context> certificates_of(const tls_settings& tls, bool http2) {
    std::vector<net::tls_server_context> all;
    for (const auto& [certificate, key] : tls.pairs) {
        auto made = net::make_tls_server_context(certificate, key, http2);
        if (!made) return made.error();
        all.push_back(*std::move(made));
    }
    return net::choose_by_host(all);
}

/// All that the gateway listens on.
std::vector<std::string> addresses_of(const settings& s) {
    auto all = s.http.listen;
    all.insert(all.end(), s.http.tls.listen.begin(), s.http.tls.listen.end());
    all.push_back(s.admin.listen);
    return all;
}

class running_gateway {
  public:
    running_gateway(net::executor ex, settings start, std::function<std::optional<settings>()> reload,
                    std::optional<registry> sites);

    [[nodiscard]] bool listen();
    [[nodiscard]] bool take_over(http_server& server, const std::string& where, const char* key,
                                 const std::optional<net::tls_server_context>& tls);
    [[nodiscard]] awaitable<void> run();

  private:
    [[nodiscard]] bool listen_on(http_server& server, const std::string& where, const char* key,
                                 std::optional<net::tls_server_context> tls = {});
    [[nodiscard]] bool listen_with_tls();
    [[nodiscard]] awaitable<bool> answer_admin(net::http_stream& connection, http::request_head& head);
    [[nodiscard]] std::string obstacle() const;
    [[nodiscard]] awaitable<void> obey_signals();
    [[nodiscard]] awaitable<void> wind_down();
    bool reconfigure();
    bool reload_and_tell();
    void renew_certificates(const settings& s);

    net::executor ex_;
    settings settings_;
    inherited_sockets inherited_;
    std::function<std::optional<settings>()> reload_;
    net::resolver names_;
    component xmpp_;
    front_end front_;
    http_server public_;
    http_server admin_;
    asio::signal_set signals_;
    net::task_group tasks_;
    bool is_stopping_ = false;
    bool is_wound_down_ = false;
};

running_gateway::running_gateway(net::executor ex, settings start,
                                 std::function<std::optional<settings>()> reload,
                                 std::optional<registry> sites)
    : ex_(ex),
      settings_(std::move(start)),
      inherited_(addresses_of(settings_)),
      reload_(std::move(reload)),
      names_(ex, settings_.dns_servers),
      xmpp_(ex, names_, settings_, std::move(sites)),
      front_(ex, xmpp_, settings_),
      public_(ex, server_settings_of(settings_),
              [this](net::http_stream& c, http::request_head& head) { return front_.answer(c, head); }),
      admin_(ex, http_server_settings{},
             [this](net::http_stream& c, http::request_head& head) { return answer_admin(c, head); }),
      signals_(ex, SIGTERM, SIGINT, SIGHUP),
      tasks_(ex) {
    xmpp_.entrust({[this] { return reload_and_tell(); }, [this] { return public_.open(); },
                   [this] { front_.review(); }});
}

bool running_gateway::listen_on(http_server& server, const std::string& where, const char* key,
                                std::optional<net::tls_server_context> tls) {
    if (inherited_sockets::is_meant_by(where)) return take_over(server, where, key, tls);
    const auto opened = server.listen(where, std::move(tls));
    if (!opened) {
        log(log_level::error, "cannot listen",
            {{"address", where},
             {"reason", opened.error().message()},
             {"advice",
              "stop what listens there, or change " + std::string(key) + " in " + settings_.file}});
        return false;
    }
    log(log_level::info, "listening", {{"address", where}});
    return true;
}

bool running_gateway::take_over(http_server& server, const std::string& where, const char* key,
                                const std::optional<net::tls_server_context>& tls) {
    const auto descriptors = inherited_.claim(where);
    bool is_done = !descriptors.empty();
    for (const int each : descriptors) {
        auto opened = net::listener::take_over(ex_, each);
        if (opened) {
            server.listen(*std::move(opened), tls);
        } else {
            is_done = false;
        }
    }
    if (is_done) {
        log(log_level::info, "listening", {{"address", where}, {"sockets", descriptors.size()}});
    } else {
        log(log_level::error, "cannot listen",
            {{"address", where},
             {"reason", descriptors.empty() ? "no such socket was handed over at the start"
                                            : "what was handed over is not a listening stream socket"},
             {"advice",
              "start by systemd's socket unit, with ListenStream= and FileDescriptorName= as " +
                  std::string(key) + " has it, or change " + key + " in " + settings_.file}});
    }
    return is_done;
}

bool running_gateway::listen() {
    for (const auto& where : settings_.http.listen) {
        if (!listen_on(public_, where, "http.listen")) return false;
    }
    if (!settings_.http.tls.listen.empty() && !listen_with_tls()) return false;
    return settings_.admin.listen.empty() || listen_on(admin_, settings_.admin.listen, "admin.listen");
}

bool running_gateway::listen_with_tls() {
    const auto& tls = settings_.http.tls;
    const auto context = certificates_of(tls, settings_.limits.streams > 0);
    if (!context) {
        log(log_level::error, "cannot listen with TLS",
            {{"reason", context.error().message()},
             {"advice", "check http.tls.certificate and http.tls.key in " + settings_.file}});
        return false;
    }
    return std::all_of(tls.listen.begin(), tls.listen.end(), [&](const std::string& where) {
        return listen_on(public_, where, "http.tls.listen", *context);
    });
}

awaitable<void> running_gateway::run() {
    tasks_.spawn(obey_signals());
    tasks_.spawn(public_.run());
    tasks_.spawn(admin_.run());
    tasks_.spawn(xmpp_.run());
    tell_ready();
    co_await tasks_.join();
}

// Signals

awaitable<void> running_gateway::obey_signals() {
    // wind_down() may be through before it is waited for again.
    while (!is_wound_down_) {
        const auto [error, signal] = co_await signals_.async_wait(net::as_values);
        if (error) break;
        if (signal == SIGHUP) {
            (void)reload_and_tell();
        } else if (!std::exchange(is_stopping_, true)) {
            tell_stopping();
            log(log_level::info, "stopping", {{"connections", public_.open()}});
            tasks_.spawn(wind_down());
        } else {
            public_.cut();
        }
    }
}

awaitable<void> running_gateway::wind_down() {
    public_.drain();
    const bool is_done =
        co_await public_.wait_until_empty(base::clock::now() + settings_.timeouts.drain);
    if (!is_done) log(log_level::warning, "connections cut", {{"count", public_.open()}});
    public_.cut();
    // What the last responses have left to say to peers goes out before the stream closes.
    xmpp_.stop();
    admin_.cut();
    is_wound_down_ = true;
    signals_.cancel();
}

bool running_gateway::reload_and_tell() {
    tell_reloading();
    const bool is_taken = reconfigure();
    tell_ready();
    return is_taken;
}

bool running_gateway::reconfigure() {
    auto read = reload_ ? reload_() : std::nullopt;
    if (!read) {
        log(log_level::error, "configuration not taken, the old one stays", {{"file", settings_.file}});
        return false;
    }
    if (needs_restart(settings_, *read)) {
        log(log_level::warning, "some of what has changed needs a restart", {{"file", settings_.file}});
    }
    const auto& pairs = read->http.tls.pairs;
    const bool offers_other = (read->limits.streams > 0) != (settings_.limits.streams > 0);
    if (!pairs.empty() && (offers_other || pairs != settings_.http.tls.pairs))
        renew_certificates(*read);
    settings_ = *std::move(read);
    base::configure_log(settings_.log.level, settings_.log.format);
    xmpp_.configure(settings_);
    front_.configure(settings_);
    public_.configure(server_settings_of(settings_));
    log(log_level::info, "configuration read", {{"file", settings_.file}});
    return true;
}

/// Connections that are open keep what they were made with.
void running_gateway::renew_certificates(const settings& s) {
    const auto context = certificates_of(s.http.tls, s.limits.streams > 0);
    if (!context) {
        log(log_level::error, "certificates not taken, the old ones stay",
            {{"reason", context.error().message()}});
        return;
    }
    public_.use_certificates(*context);
    log(log_level::info, "certificates renewed", {{"count", s.http.tls.pairs.size()}});
}

// The admin listener

std::string running_gateway::obstacle() const {
    if (is_stopping_) return "the gateway is stopping";
    return xmpp_.trouble();
}

awaitable<bool> running_gateway::answer_admin(net::http_stream& connection, http::request_head& head) {
    const bool goes_on = co_await send_page(connection, admin_page(head, obstacle()));
    co_return goes_on;
}

}  // namespace

int run(settings start, std::function<std::optional<settings>()> reload) {
    base::configure_log(start.log.level, start.log.format);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit(start);
    warn_of_root();
    std::optional<registry> sites;
    if (!start.sites.registry.empty()) {
        auto opened = registry::open(start.sites.registry);
        if (!opened) {
            log(log_level::error, "cannot open the registry of sites",
                {{"file", registry::title_of(start.sites.registry)}, {"reason", opened.error().message()}});
            return misconfigured;
        }
        sites = *std::move(opened);
    }
    asio::io_context io(1);
    running_gateway gateway(io.get_executor(), std::move(start), std::move(reload), std::move(sites));
    if (!gateway.listen()) return misconfigured;
    // Timers that only remember things do not keep a gateway alive that has stopped.
    asio::co_spawn(io, gateway.run(), [&io](const std::exception_ptr& failed) {
        io.stop();
        if (failed) std::rethrow_exception(failed);
    });
    io.run();
    return stopped;
}

}  // namespace crosstalk::gateway
