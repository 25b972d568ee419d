// See publish.hpp.
#include "peer/publish.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "base/console.hpp"
#include "peer/peer.hpp"
#include "peer/reverse_proxy.hpp"

namespace crosstalk::peer {
namespace {

namespace asio = net::asio;

constexpr int exit_stopped = 0, exit_usage = 1, exit_login = 2, exit_refused = 3;

publisher_events tell_the_terminal() {
    publisher_events events;
    events.on_site = [](const std::string& url) {
        std::printf("%s\n", url.c_str());
        std::fflush(stdout);
    };
    events.on_news = base::say;
    events.on_requests = base::say;
    return events;
}

int status_of(const ending& how, const std::string& own_bare) {
    if (how.what == ending::kind::refused) return exit_refused;
    if (how.what == ending::kind::stopped) return exit_stopped;
    base::say(net::describe_login_failure(how.text, how.error, own_bare));
    return exit_login;
}

/// Runs the peer until it ends, or a signal says so.
ending run_to_end(asio::io_context& io, publisher& p) {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&](error_code error, int) {
        if (error) return;
        // From now on the signals have their usual meaning: whoever is in a hurry asks twice.
        signals.clear();
        p.stop();
    });
    ending how;
    // Timers that only remember things do not keep a peer alive that has stopped.
    asio::co_spawn(io, p.run(), [&](const std::exception_ptr& failed, ending ended) {
        io.stop();
        if (failed) std::rethrow_exception(failed);
        how = std::move(ended);
    });
    io.run();
    return how;
}

}  // namespace

int run(settings start) {
    std::signal(SIGPIPE, SIG_IGN);
    auto read = net::read_credentials(start);
    if (const auto* why = std::get_if<std::string>(&read)) {
        base::say(*why);
        return exit_usage;
    }
    auto& [self, tls] = std::get<net::credentials>(read);
    offering what;
    if (start.folder) {
        auto found = folder::open(*start.folder);
        if (found.has_error()) {
            base::say("cannot publish " + start.folder->path + ": " + found.error().message() +
                      ". Name a folder that this user may read.");
            return exit_usage;
        }
        what.files = std::move(*found);
    }
    if (self.is_bare()) self = *xmpp::jid::parse(self.bare() + '/' + stable_resource(start));

    asio::io_context io{1};
    net::resolver names(io.get_executor(), start.dns_servers);
    if (start.http)
        what.app = std::make_unique<reverse_proxy>(io.get_executor(), names, *start.http, tls,
                                                   compressor{start.compresses});
    const auto own_bare = self.bare();
    publisher p(io.get_executor(), names, std::move(start), std::move(self), std::move(tls),
                std::move(what), tell_the_terminal());
    return status_of(run_to_end(io, p), own_bare);
}

}  // namespace crosstalk::peer
