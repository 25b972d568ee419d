// A site that is a program: it greets, keeps what is sent to it for as long as it takes to send it
// back, and counts. Ctrl-C ends it.
//
//     g++ -std=c++20 peer.cpp -o peer $(pkg-config --static --cflags --libs crosstalk)
//     PASSWORD=… ./peer romeo@montague.example http.montague.example
#include <algorithm>
#include <crosstalk/publisher.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

namespace {

std::string setting(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// One number to a line, until `last`: a body of any length takes no more room than a piece of it.
crosstalk::body_source count_to(int last) {
    return [next = 1, last](std::size_t most) mutable {
        std::string piece;
        while (next <= last && piece.size() + 12 <= most) piece += std::to_string(next++) + '\n';
        return piece;
    };
}

crosstalk::response answer(const crosstalk::request& asked) {
    const crosstalk::http::fields text = {{"Content-Type", "text/plain; charset=utf-8"}};
    if (asked.path == "/") {
        const std::string who = asked.user.empty() ? "stranger" : asked.user;
        return {.headers = text, .body = "hello " + who + '\n'};
    }
    if (asked.path == "/echo")
        return {.headers = {{"Content-Type", "application/octet-stream"}}, .body = asked.body};
    if (asked.path == "/count") return {.headers = text, .source = count_to(1'000'000)};
    if (asked.path == "/oops")
        throw std::runtime_error("this visitor gets 500; the next one is served");
    return {.status = 404, .headers = text, .body = "there is nothing here\n"};
}

}  // namespace

int main(int argc, char** argv) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    try {
        crosstalk::publisher p({.jid = argc > 1 ? argv[1] : "",
                                .password = setting("PASSWORD"),
                                .gateways = {argv + std::min(argc, 2), argv + argc},
                                .allow = {setting("ALLOW").empty() ? "roster" : setting("ALLOW")},
                                .server = setting("SERVER"),
                                .ca_file = setting("CA_FILE")});
        p.on_request(answer);
        p.on_site([](const std::string& url) { std::cout << url << std::endl; });
        p.on_news([](const std::string& news) { std::cerr << news << std::endl; });
        p.on_line([](const std::string& line) { std::cerr << line << std::endl; });

        std::thread stopping([&] {
            int which = 0;
            sigwait(&signals, &which);
            p.stop();
        });
        const crosstalk::ending how = p.run();
        pthread_kill(stopping.native_handle(), SIGTERM);  // where it still waits
        stopping.join();

        std::cerr << how.text << '\n';
        return how.what == crosstalk::ending::kind::stopped ? 0 : 2;
    } catch (const crosstalk::configuration_error& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
