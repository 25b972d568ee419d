// See inquiry.hpp.
#include "library/inquiry.hpp"

#include "cgi/environ.hpp"
#include "http/framing.hpp"
#include "library/answers.hpp"
#include "library/calling.hpp"
#include "net/task_group.hpp"
#include "visit/fetch_request.hpp"

namespace crosstalk::library {
inquiry::inquiry(net::executor ex, visit::asker& by, question what)
    : ex_(std::move(ex)), by_(by), question_(std::move(what)) {
    const bool has_body = question_.source || !question_.body.empty();
    method_ = !question_.method.empty() ? question_.method : has_body ? "POST" : "GET";
}

void inquiry::fail(unsigned status, std::string problem) {
    if (answer_.status == 0) answer_.status = status;
    if (answer_.problem.empty()) answer_.problem = std::move(problem);
}

result<cgi::environ_map> inquiry::make_request() const {
    http::request_head head;
    head.method = method_;
    head.target = where_.target;
    head.headers = question_.headers;
    if (head.headers.count("Accept") == 0) head.headers.add("Accept", "*/*");
    if (head.headers.count("User-Agent") == 0)
        head.headers.add("User-Agent", "CrossTalk/" CROSSTALK_VERSION);
    head.headers.remove("Transfer-Encoding");
    if (!question_.source) {
        head.headers.remove("Content-Length");
        if (!question_.body.empty())
            head.headers.add("Content-Length", std::to_string(question_.body.size()));
    }
    return visit::make_peer_environ(std::move(head), where_.target, where_.bare);
}

net::awaitable<answer> inquiry::run() {
    std::string problem;
    const auto where = talk::parse_peer_uri(question_.url, problem);
    if (!where) {
        fail(400, question_.url + ": " + problem);
        co_return std::move(answer_);
    }
    where_ = *where;
    auto request = make_request();
    if (!request) {
        fail(400, "this is no request that can be sent: " + request.error().message());
        co_return std::move(answer_);
    }
    const bool is_online = co_await log_in();
    if (!is_online) co_return std::move(answer_);
    visit::asker::stay there(by_, where_.bare);
    auto place = co_await there.locate(where_.resource, "");
    if (place.full.empty()) {
        fail(place.why);
        co_return std::move(answer_);
    }
    co_await ask(std::move(place.full), *std::move(request));
    co_return std::move(answer_);
}

net::awaitable<bool> inquiry::log_in() {
    const bool is_online = co_await by_.wait_online(base::clock::now() + question_.patience);
    if (!is_online) {
        const auto why = by_.trouble();
        fail(0, why.empty() ? "the XMPP server did not answer in time" : why);
    }
    co_return is_online;
}

net::awaitable<void> inquiry::ask(std::string full, cgi::environ_map request) {
    const bool has_body = question_.source || !question_.body.empty();
    auto call = by_.open(std::move(full), std::move(request), has_body);
    net::task_group sending(ex_);
    if (has_body) sending.spawn(send_body(call));
    co_await receive(call);
    is_answered_ = true;
    call.wake();
    co_await sending.join();
}

body_source inquiry::make_source() {
    if (question_.source) return question_.source;
    return [this, sent = std::size_t{0}](std::size_t most) mutable {
        auto piece = question_.body.substr(sent, most);
        sent += piece.size();
        return piece;
    };
}

net::awaitable<void> inquiry::send_body(net::call& call) {
    const auto body = make_source();
    while (!is_answered_ && !call->is_over()) {
        if (call->room() < least_piece) {
            co_await call.wait_room();
            continue;
        }
        std::string problem;
        const auto piece = pull(body, call->room(), problem);
        if (!piece) {
            fail(400, std::move(problem));
            call.shut_down("client-gone");
            call.wake();
            co_return;
        }
        if (piece->empty()) {
            call.finish();
            co_return;
        }
        call.write(*piece);
    }
}

net::awaitable<void> inquiry::receive(net::call& call) {
    const auto deadline = base::clock::now() + question_.patience;
    while (call->response() == nullptr && !call->is_over()) {
        const bool is_news = co_await call.wait_in(deadline);
        if (is_news || base::clock::now() < deadline) continue;
        fail(504, "the peer did not begin its answer in time");
        call.shut_down("timeout");
        co_return;
    }
    if (call->response() == nullptr) {
        fail(ask::failure_of(call->end(), where_.target.size() > 8 * 1024));
        co_return;
    }
    answer_.status = call->response()->status;
    answer_.headers = call->response()->headers;
    if (has_body(method_, answer_.status)) co_await take_body(call);
}

net::awaitable<void> inquiry::take_body(net::call& call) {
    while (!call->is_drained()) {
        if (call->readable() == 0) {
            if (call->is_over()) break;
            co_await call.wait_in();
            continue;
        }
        if (take(call.take(most_piece))) continue;
        call.shut_down("client-gone");
        co_return;
    }
    if (!call->is_drained()) {
        fail(0, "the answer is not whole: " + ask::failure_of(call->end(), false).happened);
        co_return;
    }
    const auto* announced = answer_.headers.find("Content-Length");
    if (announced != nullptr && http::parse_length(*announced) != got_)
        fail(0, "the answer is not whole: " + std::to_string(got_) + " of " + *announced +
                    " bytes have come");
}

/// Whether more is wanted.
bool inquiry::take(std::string piece) {
    got_ += piece.size();
    if (!question_.sink) {
        answer_.body += piece;
        if (answer_.body.size() <= question_.most_body) return true;
        fail(0, "the answer is longer than " + std::to_string(question_.most_body) + " bytes");
        return false;
    }
    try {
        question_.sink(piece);
        return true;
    } catch (...) {
        fail(0, describe_thrown());
        return false;
    }
}

}  // namespace crosstalk::library
