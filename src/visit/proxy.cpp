// See proxy.hpp.
#include "visit/proxy.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "ask/destination.hpp"
#include "ask/http_server.hpp"
#include "base/console.hpp"
#include "base/request_line.hpp"
#include "visit/asker.hpp"
#include "visit/peer_host.hpp"
#include "visit/requester.hpp"
#include "visit/start_page.hpp"

namespace crosstalk::visit {

using net::awaitable;
namespace asio = net::asio;
using base::printable;
using base::say;
using namespace std::chrono_literals;

namespace {

constexpr int exit_stopped = 0, exit_usage = 1, exit_login = 2;
constexpr std::string_view software = "CrossTalk/" CROSSTALK_VERSION;
constexpr std::size_t most_connections = 512;
constexpr auto login_patience = 5s;  ///< a request waits for the stream to come back
constexpr auto drain = 5s;

/// One peer, while one request is on its way to it.
class visited final : public ask::site_owner {
  public:
    visited(asker& by, std::string bare) : by_(by), stay_(by, std::move(bare)) {}
    awaitable<ask::whereabouts> locate(std::string avoid) override {
        return stay_.locate("", std::move(avoid));
    }
    net::call open(std::string full, cgi::environ_map request, bool body_follows) override {
        return by_.open(std::move(full), std::move(request), body_follows);
    }
    void note_end(const std::string& full, const talk::outcome& end) override {
        by_.note_end(full, end);
    }

  private:
    asker& by_;
    asker::stay stay_;
};

/// Names below localhost are those of peers, or nobody's.
bool is_own_name(std::string_view host) {
    return http::is_this_machine(host) && !host.ends_with(".localhost");
}

ask::http_server_settings server_settings() {
    ask::http_server_settings out;
    out.connections = most_connections;
    out.connections_per_client = most_connections;
    return out;
}

class proxy {
  public:
    proxy(net::executor ex, proxy_settings s, xmpp::jid self, net::tls_client_context tls);

    [[nodiscard]] bool listen();
    [[nodiscard]] awaitable<void> run();
    [[nodiscard]] int status() const noexcept { return status_; }

  private:
    struct request;

    [[nodiscard]] awaitable<void> keep_stream();
    [[nodiscard]] awaitable<void> announce();
    [[nodiscard]] awaitable<void> wind_down();
    void wait_for_signal();

    [[nodiscard]] awaitable<bool> answer(net::http_stream& connection, http::request_head& head);
    [[nodiscard]] awaitable<bool> visit(request& r);
    [[nodiscard]] awaitable<bool> tell(request& r, ask::page what);
    [[nodiscard]] awaitable<bool> refuse(request& r, ask::failure why);

    net::executor ex_;
    proxy_settings settings_;
    http::authority here_;
    net::resolver names_;
    asker asker_;
    ask::http_server server_;
    net::task_group tasks_;
    asio::signal_set signals_;
    bool is_stopping_ = false;
    int status_ = exit_stopped;
};

struct proxy::request {
    net::http_stream& connection;
    const http::request_head& head;
    ask::destination where;
    std::string bare;  ///< whose site, or ""
    base::time_point began = base::clock::now();

    void log(unsigned status) const;
    [[nodiscard]] result<cgi::environ_map> environ_of() const;
};

void proxy::request::log(unsigned status) const {
    const auto took = std::chrono::duration_cast<base::milliseconds>(base::clock::now() - began);
    base::tally done;
    done.status = status;
    done.bytes = connection.body_sent();
    say(base::request_line(base::local_time(), head.method, bare + where.target, done, took));
}

result<cgi::environ_map> proxy::request::environ_of() const {
    cgi::request_facts facts;
    facts.target = where.target;
    facts.server_name = where.authority.host;
    facts.server_port = where.authority.port == 0 ? 80 : where.authority.port;
    facts.server_software = software;
    facts.websocket = ask::opens_websocket(head, connection);
    return cgi::make_environ(head, facts);
}

proxy::proxy(net::executor ex, proxy_settings s, xmpp::jid self, net::tls_client_context tls)
    : ex_(ex),
      settings_(std::move(s)),
      here_(http::parse_authority(settings_.listen).value_or(http::authority())),
      names_(ex, settings_.dns_servers),
      asker_(ex, names_, settings_, std::move(self), std::move(tls)),
      server_(ex, server_settings(),
              [this](net::http_stream& c, http::request_head& head) { return answer(c, head); }),
      tasks_(ex),
      signals_(ex, SIGTERM, SIGINT) {
    asker_.on_news = [](const std::string& text) { say(printable(text)); };
}

bool proxy::listen() {
    const auto opened = server_.listen(settings_.listen);
    if (!opened) {
        say("cannot listen on " + settings_.listen + ": " + opened.error().message() +
            ". Name another address with --listen.");
        return false;
    }
    if (!http::is_this_machine(here_.host))
        say("whoever reaches " + settings_.listen + " from other machines asks as " +
            std::string(xmpp::bare_of(settings_.jid)) + "; --listen 127.0.0.1:8118 keeps them out");
    return true;
}

// From start to end

awaitable<void> proxy::run() {
    wait_for_signal();
    tasks_.spawn(server_.run());
    tasks_.spawn(announce());
    tasks_.spawn(keep_stream());
    co_await tasks_.join();
}

awaitable<void> proxy::announce() {
    const bool is_online = co_await asker_.wait_online(base::time_point::max());
    if (!is_online) co_return;
    std::printf("http://localhost:%u/\n", unsigned{here_.port});
    std::fflush(stdout);
}

awaitable<void> proxy::keep_stream() {
    const auto ended = co_await asker_.run();
    if (!is_stopping_ && ended.has_error()) {
        status_ = exit_login;
        const auto self = xmpp::bare_of(settings_.jid);
        say(net::describe_login_failure(asker_.trouble(), ended.error(), self));
    }
    signals_.cancel();
    server_.cut();
}

void proxy::wait_for_signal() {
    signals_.async_wait([this](error_code error, int) {
        if (error) return;
        // From now on the signals have their usual meaning: whoever is in a hurry asks twice.
        signals_.clear();
        is_stopping_ = true;
        tasks_.spawn(wind_down());
    });
}

awaitable<void> proxy::wind_down() {
    server_.drain();
    const bool is_done = co_await server_.wait_until_empty(base::clock::now() + drain);
    if (!is_done) say("connections cut: " + std::to_string(server_.open()));
    server_.cut();
    asker_.stop();
}

// A request

awaitable<bool> proxy::answer(net::http_stream& connection, http::request_head& head) {
    request r{connection, head, {}, {}};
    auto found = ask::find_destination(head, here_);
    bool goes_on = false;
    if (const auto* why = std::get_if<ask::refusal>(&found)) {
        r.where.target = head.target;
        goes_on = co_await refuse(r, ask::failure_of(*why));
        co_return goes_on;
    }
    r.where = std::get<ask::destination>(std::move(found));
    ask::obey_target(head, r.where.authority);
    r.bare = peer_of_host(r.where.authority.host).value_or("");
    const auto own = xmpp::bare_of(settings_.jid);
    if (!r.bare.empty()) {
        goes_on = co_await visit(r);
    } else if (is_own_name(r.where.authority.host)) {
        auto page = answer_start(head, r.where.target, r.where.authority, own);
        goes_on = co_await tell(r, std::move(page));
    } else {
        ask::failure why{421, "This name does not stand for anybody's site here.",
                         "The site of romeo@montague.example is at " +
                             site_address("romeo@montague.example", here_.port) + "/."};
        goes_on = co_await refuse(r, std::move(why));
    }
    co_return goes_on;
}

awaitable<bool> proxy::visit(request& r) {
    bool goes_on = false;
    if (!may_ask(r.head, http::to_text(r.where.authority))) {
        ask::failure why{403,
                         "A page of another site has asked for this. It would be asked for as you.",
                         "Open the address itself, in a browser of 2023 or newer."};
        goes_on = co_await refuse(r, std::move(why));
        co_return goes_on;
    }
    // Where it is not back in time, whoever is asked next says so.
    (void)co_await asker_.wait_online(r.began + login_patience);
    visited there(asker_, r.bare);
    ask::errand one{r.connection,
                    r.head,
                    there,
                    {},
                    "",
                    [&r] { return r.environ_of(); },
                    [&r](unsigned status) { r.log(status); }};
    goes_on = co_await one.run(ex_);
    co_return goes_on;
}

awaitable<bool> proxy::refuse(request& r, ask::failure why) {
    const bool goes_on = co_await tell(r, ask::error_page(why, r.head.headers.get("Accept")));
    co_return goes_on;
}

awaitable<bool> proxy::tell(request& r, ask::page what) {
    const auto status = what.head.status;
    const bool goes_on = co_await ask::send_page(r.connection, std::move(what));
    r.log(status);
    co_return goes_on;
}

}  // namespace

int run_proxy(proxy_settings settings) {
    std::signal(SIGPIPE, SIG_IGN);
    auto read = net::read_credentials(settings);
    if (const auto* why = std::get_if<std::string>(&read)) {
        say(*why);
        return exit_usage;
    }
    auto& [self, tls] = std::get<net::credentials>(read);
    asio::io_context io{1};
    proxy p(io.get_executor(), std::move(settings), std::move(self), std::move(tls));
    if (!p.listen()) return exit_usage;
    // Timers that only remember things do not keep a program alive that is done.
    asio::co_spawn(io, p.run(), [&io](const std::exception_ptr& failed) {
        io.stop();
        if (failed) std::rethrow_exception(failed);
    });
    io.run();
    return p.status();
}

}  // namespace crosstalk::visit
