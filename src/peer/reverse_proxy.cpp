// The coroutines of a request on its way through: one uploads, if there is a body, one
// downloads.
#include "peer/reverse_proxy.hpp"

#include <algorithm>
#include <exception>

#include "http/error.hpp"
#include "net/task_group.hpp"
#include "peer/answer.hpp"
#include "peer/proxy_heads.hpp"
#include "peer/serving.hpp"

namespace crosstalk::peer {
namespace {

constexpr std::size_t piece_size = 64 * 1024;

net::http_client_settings client_settings(const http_target& app, net::tls_client_context tls) {
    net::http_client_settings s;
    s.origin = {app.tls, app.host, app.port, app.unix_path};
    s.tls = std::move(tls);
    return s;
}

/// Methods whose requests say how long their body is even if there is none.
bool usually_has_body(std::string_view method) {
    return method == "POST" || method == "PUT" || method == "PATCH";
}

/// The request as it starts, with what has come of its body so far.
net::http_request make_request(net::call& visitor, const cgi::incoming_request& request,
                               const http_target& app) {
    net::http_request out;
    body_framing framing;
    if (request.websocket) {
        out.head = app_request(request, app, framing);
        return out;
    }
    framing.length = request.content_length;
    if (!framing.length && visitor->is_remote_finished()) {
        const auto length = visitor->readable();
        if (length > 0 || usually_has_body(request.method)) framing.length = length;
    } else if (!framing.length) {
        framing.is_chunked = true;
    }
    out.head = app_request(request, app, framing);
    out.length = framing.length;
    out.is_chunked = framing.is_chunked;
    const std::uint64_t expected = framing.is_chunked ? piece_size : framing.length.value_or(0);
    if (expected > 0 && visitor->readable() > 0) {
        out.first =
            visitor.take(static_cast<std::size_t>(std::min<std::uint64_t>(expected, piece_size)));
    }
    return out;
}

}  // namespace

struct reverse_proxy::passage {
    net::call& visitor;
    const cgi::incoming_request& request;
    base::tally& done;
    net::http_exchange app;
    net::bell news;                           ///< something of the visitor's side has changed
    bool is_sent = false;                     ///< the request is with the app, whole
    bool is_ended = false;                    ///< the answer has ended, one way or the other
    std::unique_ptr<body_encoder> encoder{};  ///< what the answer's body passes through, if anything
};

reverse_proxy::reverse_proxy(net::executor ex, net::resolver& names, http_target app,
                             net::tls_client_context tls, compressor compressing)
    : ex_(ex),
      app_(std::move(app)),
      client_(ex, names, client_settings(app_, std::move(tls))),
      compressing_(std::move(compressing)) {}

net::awaitable<void> reverse_proxy::stop() { return client_.stop(); }

net::awaitable<void> reverse_proxy::serve(net::call& visitor, cgi::incoming_request request,
                                          base::tally& done) {
    request.websocket = request.websocket && visitor->is_drained();
    auto outgoing = make_request(visitor, request, app_);
    const bool has_rest = outgoing.is_chunked || outgoing.length.value_or(0) > outgoing.first.size();
    auto started = co_await client_.start(std::move(outgoing));
    if (visitor->is_over()) co_return;
    if (started.has_error()) {
        // Not with a page of ours: whoever asks may know another computer where the app runs.
        done.note = unreachable_text(started.error());
        visitor.shut_down("backend-refused");
        co_return;
    }
    passage p{visitor, request, done, std::move(*started), net::bell{ex_}, !has_rest, false};
    visitor.watch([&p] { notice_visitor(p); });
    if (has_rest) {
        co_await download_beside_upload(p);
    } else {
        co_await download(p);
    }
    visitor.watch({});
    if (!p.is_sent || visitor->is_over()) p.app.close();
}

net::awaitable<void> reverse_proxy::download_beside_upload(passage& p) {
    net::task_group sending(ex_);
    sending.spawn(upload(p));
    co_await download(p);
    p.is_ended = true;
    if (!p.is_sent) p.app.close();
    p.news.ring();
    co_await sending.join();
}

/// Whether there is nobody any more. A WebSocket that is over may still have bytes for the app.
bool reverse_proxy::is_gone(const passage& p) {
    const bool is_closed_in_order =
        p.visitor->is_tunnel() && p.visitor->end().kind == talk::end_kind::completed;
    return p.visitor->is_over() && !is_closed_in_order;
}

/// Ends the connection when the visitor has gone, whatever the other two are waiting for.
void reverse_proxy::notice_visitor(passage& p) {
    if (is_gone(p)) p.app.close();
    p.news.ring();
}

/// Sends the request's body. When the app takes no more of it, its answer decides what that means.
net::awaitable<void> reverse_proxy::upload(passage& p) {
    while (!p.is_ended && !is_gone(p)) {
        if (p.visitor->readable() > 0) {
            const std::string piece = p.visitor.take(piece_size);
            const auto written = co_await p.app.write(piece);
            if (written.has_value()) continue;
            // Longer than it was announced: the app would wait for bytes that were not sent.
            if (written.error() == http::errc::bad_content_length) p.app.close();
            if (p.visitor->is_tunnel()) p.visitor.shut_down("backend-failed");
            co_return;
        } else if (p.visitor->is_drained()) {
            const auto finished = co_await p.app.finish();
            p.is_sent = finished.has_value();
            // Shorter than it was announced: the app would wait for the rest for ever.
            if (!p.is_sent) p.app.close();
            co_return;
        } else {
            co_await p.news.wait(base::time_point::max());
        }
    }
}

net::awaitable<void> reverse_proxy::download(passage& p) {
    auto head = co_await p.app.read_head();
    if (p.visitor->is_over()) co_return;
    if (head.has_error()) {
        std::string text = "The app at " + name_of(app_) +
                           " gave no answer: " + head.error().message() + ". Its own log may say why.";
        co_await tell(p.visitor, p.request, std::move(text), p.done);
        co_return;
    }
    const unsigned status = head->status;
    if (status == 101 && p.request.websocket) p.is_sent = false;
    auto start = visitor_response(std::move(*head), p.request, app_);
    if (!start) {
        std::string text = "The app at " + name_of(app_) + " answered with status " +
                           std::to_string(status) + ", which nobody has asked for.";
        co_await tell(p.visitor, p.request, std::move(text), p.done);
        co_return;
    }
    p.done.status = status;
    if (status != 101) p.encoder = compressing_.begin(p.request, *start);
    p.visitor.respond(std::move(*start));
    if (status == 101) {
        co_await carry_websocket(p);
    } else {
        co_await download_body(p);
    }
}

/// What the visitor sends goes up beside what the app sends, and outlasts it if need be.
net::awaitable<void> reverse_proxy::carry_websocket(passage& p) {
    net::task_group sending(ex_);
    sending.spawn(upload(p));
    std::exception_ptr thrown;
    try {
        co_await download_body(p);
    } catch (...) {
        thrown = std::current_exception();
        p.is_ended = true;
        p.app.close();
    }
    p.news.ring();
    co_await sending.join();
    if (thrown) std::rethrow_exception(thrown);
}

net::awaitable<void> reverse_proxy::download_body(passage& p) {
    for (;;) {
        const auto piece = co_await p.app.read_body();
        if (p.visitor->is_over()) co_return;
        if (piece.has_error()) {
            p.done.note = name_of(app_) + " did not finish its answer: " + piece.error().message();
            p.visitor.shut_down("backend-failed");
            co_return;
        }
        const bool is_passed = co_await pass_on(p, *piece);
        if (!is_passed) co_return;
        if (piece->empty()) break;
    }
    p.visitor.finish();
}

/// Passes a piece of the body on; "" is its end.
net::awaitable<bool> reverse_proxy::pass_on(passage& p, std::string_view piece) {
    bool is_passed = false;
    if (p.encoder) {
        const auto then = piece.empty() ? body_encoder::next::the_end : body_encoder::next::a_pause;
        is_passed = co_await write_encoded(p.visitor, *p.encoder, piece, then, p.done);
    } else {
        is_passed = co_await write_all(p.visitor, piece, p.done);
    }
    co_return is_passed;
}

net::awaitable<void> reverse_proxy::tell(net::call& visitor, const cgi::incoming_request& request,
                                         std::string text, base::tally& done) {
    done.note = text;
    auto page = make_page(502, text, request.headers);
    if (request.method == "HEAD") drop_body(page);
    co_await send_in_pieces(visitor, std::move(page), done);
}

std::string reverse_proxy::unreachable_text(error_code why) const {
    const std::string name = name_of(app_);
    if (why == net::asio::error::connection_refused) {
        return "The app at " + name + " refuses connections. Its publisher has to start it.";
    }
    if (why == boost::system::errc::no_such_file_or_directory) {
        return "There is no socket " + name + ". Its publisher has to start the app.";
    }
    return "The app at " + name + " cannot be reached: " + why.message() +
           ". Its publisher has to check that it runs there.";
}

}  // namespace crosstalk::peer
