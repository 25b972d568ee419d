// See application.hpp.
#include "library/application.hpp"

#include "library/answers.hpp"
#include "library/calling.hpp"
#include "library/conversation.hpp"
#include "peer/serving.hpp"

namespace crosstalk::library {
namespace {

peer::answer make_page(unsigned status, std::string_view text, const request& asked) {
    auto page = peer::make_page(status, text, asked.headers);
    if (!has_body(asked.method, status)) peer::drop_body(page);
    return page;
}

peer::answer make_failed_page(std::string why, const request& asked, base::tally& done) {
    done.note = std::move(why);
    return make_page(500, "The program behind this site has failed.", asked);
}

net::awaitable<void> send_from(const body_source& source, net::call& call, base::tally& done) {
    while (!call->is_over()) {
        if (call->room() < least_piece) {
            co_await call.wait_room();
            continue;
        }
        const auto piece = pull(source, call->room(), done.note);
        if (!piece) {
            call.shut_down("backend-failed");
            co_return;
        }
        if (piece->empty()) {
            call.finish();
            co_return;
        }
        call.write(*piece);
        done.bytes += piece->size();
    }
}

}  // namespace

net::awaitable<void> application::stop() { co_return; }

net::awaitable<void> application::serve(net::call& visitor, cgi::incoming_request request,
                                        base::tally& done) {
    auto asked = make_request(std::move(request));
    if (settings_.meet) {
        co_await converse(visitor, std::move(asked), done);
        co_return;
    }
    const bool is_whole = co_await collect(visitor, asked.body);
    if (visitor->is_over()) co_return;
    if (is_whole) {
        co_await answer(visitor, asked, done);
        co_return;
    }
    const auto text =
        "This site takes bodies of at most " + std::to_string(settings_.most_body) + " bytes.";
    auto page = make_page(413, text, asked);
    co_await peer::send_in_pieces(visitor, std::move(page), done);
}

net::awaitable<void> application::converse(net::call& call, crosstalk::request asked,
                                           base::tally& done) {
    const auto about = std::make_shared<conversation>(call, std::move(asked), done);
    try {
        settings_.meet(visitor(about));
    } catch (...) {
        about->give_up(describe_thrown());
    }
    co_await about->run();
}

/// Whether the body has come whole; false when it is too long, or the visitor has left.
net::awaitable<bool> application::collect(net::call& call, std::string& body) {
    while (!call->is_drained()) {
        if (call->is_over()) co_return false;
        if (call->readable() == 0) {
            co_await call.wait_in();
            continue;
        }
        body += call.take();
        if (body.size() > settings_.most_body) co_return false;
    }
    co_return true;
}

net::awaitable<void> application::answer(net::call& call, crosstalk::request& asked,
                                         base::tally& done) {
    response made;
    std::string problem;
    try {
        made = settings_.answer(asked);
    } catch (...) {
        problem = describe_thrown();
    }
    const auto status = made.status;
    const auto source = std::move(made.source);
    if (problem.empty() && source && has_body(asked.method, status)) {
        auto start = make_start(status, std::move(made.headers), problem);
        if (start) {
            done.status = status;
            call.respond(*std::move(start));
            co_await send_from(source, call, done);
            co_return;
        }
    }
    if (source) made.body.clear();
    std::optional<peer::answer> ready;
    if (problem.empty()) ready = make_whole_answer(std::move(made), asked.method, problem);
    if (!ready) ready = make_failed_page(std::move(problem), asked, done);
    co_await peer::send_in_pieces(call, *std::move(ready), done);
}

}  // namespace crosstalk::library
