// What is sent to this site comes back while it is still being sent, in the program's own event loop.
// Nothing is ever held whole: a slow visitor slows itself down. Ctrl-C ends it.
//
//     g++ -std=c++20 stream.cpp -o stream $(pkg-config --static --cflags --libs crosstalk)
//     PASSWORD=… ./stream romeo@montague.example http.montague.example
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <crosstalk/publisher.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string setting(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

void meet(crosstalk::visitor who) {
    who.respond(200, {{"Content-Type", "application/octet-stream"}});
    who.on_change([who]() mutable {
        while (const auto room = who.room()) {
            const auto piece = who.read(room);
            if (piece.empty()) break;
            static_cast<void>(who.write(piece));  // there is room for all of it
        }
        if (who.has_read_all()) who.finish();
    });
}

}  // namespace

int main(int argc, char** argv) {
    boost::asio::io_context loop{1};
    crosstalk::publisher p({.jid = argc > 1 ? argv[1] : "",
                            .password = setting("PASSWORD"),
                            .gateways = {argv + std::min(argc, 2), argv + argc},
                            .server = setting("SERVER"),
                            .ca_file = setting("CA_FILE")},
                           loop);
    p.on_visitor(meet);
    p.on_site([](const std::string& url) { std::cout << url << std::endl; });
    p.on_news([](const std::string& news) { std::cerr << news << std::endl; });

    boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) p.stop();
    });
    int status = 0;
    p.on_end([&](const crosstalk::ending& how) {
        signals.cancel();  // the last thing that keeps the loop
        if (how.what != crosstalk::ending::kind::stopped) status = 2;
    });
    p.start();
    loop.run();
    return status;
}
