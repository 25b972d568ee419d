// See errand.hpp.
#include "ask/errand.hpp"

#include "ask/error_page.hpp"
#include "ask/http_server.hpp"
#include "http/hop_by_hop.hpp"

namespace crosstalk::ask {

using net::awaitable;

namespace {

/// A target beyond this is why a head does not fit.
constexpr std::size_t long_target = 8 * 1024;

bool is_safe_method(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

bool opens_websocket(const http::request_head& head, const net::http_stream& connection) {
    return head.method == "GET" && head.version_minor == 1 && !connection.has_body() &&
           http::is_websocket_upgrade(head.headers);
}

awaitable<bool> errand::run(net::executor ex) {
    auto end = co_await ask(std::move(ex));
    const bool goes_on = co_await conclude(std::move(end));
    co_return goes_on;
}

awaitable<relay_end> errand::ask(net::executor ex) {
    const bool may_retry = is_safe_method(head.method) && !connection.has_body();
    relay_end end;
    std::string failed;
    for (;;) {
        auto place = co_await owner.locate(failed);
        if (place.full.empty()) {
            // Where somebody was asked already, how that ended is the better answer.
            if (failed.empty()) end.why = std::move(place.why);
            break;
        }
        auto request = environ();
        if (!request) {
            end.why = failure_of_unreadable(cgi::status_of(request.error()));
            break;
        }
        auto opened = owner.open(place.full, *std::move(request), connection.has_body());
        relay one(ex, connection, std::move(opened), relaying, script_name,
                  head.target.size() > long_target);
        end = co_await one.run();
        owner.note_end(place.full, end.ended);
        if (!may_go_elsewhere(end.ended) || !may_retry || !failed.empty()) break;
        failed = std::move(place.full);
    }
    co_return end;
}

awaitable<bool> errand::conclude(relay_end end) {
    bool goes_on = false;
    switch (end.what) {
        case relay_end::kind::failed:
            goes_on = co_await send_page(connection, error_page(end.why, head.headers.get("Accept")));
            log(end.why.status);
            break;
        case relay_end::kind::client_gone:
            log(499);
            break;
        case relay_end::kind::cut:
            log(end.status);
            connection.cut();
            break;
        case relay_end::kind::switched:
            log(end.status);
            break;
        case relay_end::kind::answered:
            log(end.status);
            goes_on = co_await connection.finish_request();
            if (!goes_on) co_await connection.linger();
            break;
    }
    co_return goes_on;
}

}  // namespace crosstalk::ask
