// For test_library.py: a site and whoever asks it in one program and one event loop, which has nothing
// left to do once both have stopped. A line for each question: its path, the status, how much came, and
// the problem.
#include <boost/asio/io_context.hpp>
#include <crosstalk/asker.hpp>
#include <crosstalk/publisher.hpp>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using crosstalk::answer;
using crosstalk::question;
using crosstalk::visitor;

struct program {
    explicit program(char** words)
        : site({.jid = words[1],
                .password = words[2],
                .allow = {words[3]},
                .server = words[5],
                .ca_file = words[6]},
               loop),
          guest({.jid = words[3], .password = words[4], .server = words[5], .ca_file = words[6]}, loop),
          url(std::string("httpx://") + words[1]) {
        site.on_visitor([this](visitor who) { meet(std::move(who)); });
        site.on_site([this](const std::string&) { ask_next(); });
        site.on_line([](const std::string&) { throw std::runtime_error("nobody minds"); });
        site.on_end([](const crosstalk::ending& how) { std::cout << "ended " << how.text << '\n'; });
    }

    void meet(visitor who) {
        const auto& path = who.request().path;
        if (path == "/dropped") return;
        if (path == "/thrown") throw std::runtime_error("thrown while meeting");
        if (path == "/thrown-later")
            return who.on_change([who] { throw std::runtime_error("thrown later"); });
        if (path == "/nonsense") return static_cast<void>(who.respond(42));
        if (path == "/cut") return cut(std::move(who));
        if (path == "/never") return who.on_change([who] { static_cast<void>(who.is_over()); });
        if (path == "/thread") return answer_from_thread(std::move(who));
        who.respond(200);
        static_cast<void>(who.write("seven b"));
        who.finish();
        who.finish();
    }

    static void cut(visitor who) {
        who.respond(200, {{"Content-Length", "100"}});
        static_cast<void>(who.write("not all"));
        who.give_up("as planned");
    }

    void answer_from_thread(visitor who) {
        worker = std::thread([this, who = std::move(who)]() mutable {
            site.post([who = std::move(who)]() mutable {
                who.respond(200);
                static_cast<void>(who.write("threads"));
                who.finish();
            });
        });
    }

    void ask_next() {
        if (next == questions.size()) {
            guest.stop();
            return site.stop();
        }
        auto what = questions[next++];
        const auto path = what.url;
        what.url = url + path;
        guest.ask(std::move(what), [this, path](const answer& got) {
            std::cout << path << ' ' << got.status << ' ' << got.body.size() << ' ' << got.problem
                      << std::endl;
            ask_next();
            throw std::runtime_error("nobody minds");
        });
    }

    boost::asio::io_context loop{1};
    crosstalk::publisher site;
    crosstalk::asker guest;
    std::string url;
    std::thread worker;
    std::size_t next = 0;
    std::vector<question> questions = {
        {.url = "/"},
        {.url = "/?too-long", .most_body = 6},
        {.url = "/?sink", .sink = [](std::string_view) { throw std::runtime_error("disk full"); }},
        {.url = "/?source",
         .source = [](std::size_t) -> std::string { throw std::runtime_error("no disk"); }},
        {.url = "/dropped"},
        {.url = "/thrown"},
        {.url = "/thrown-later"},
        {.url = "/nonsense"},
        {.url = "/cut"},
        {.url = "/never", .patience = std::chrono::milliseconds(500)},
        {.url = "/thread"},
    };
};

}  // namespace

int main(int, char** words) {
    program p(words);
    p.site.start();
    p.loop.run();
    p.worker.join();
    return 0;
}
