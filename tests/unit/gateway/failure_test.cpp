// The table of failures, and the pages that tell it.
#include <doctest/doctest.h>

#include "gateway/admin.hpp"
#include "gateway/asking.hpp"
#include "gateway/attachment.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::gateway {
namespace {

using talk::end_kind;

unsigned status_of(end_kind kind, const char* reason = "", bool uri = false) {
    return failure_of(talk::outcome{kind, reason}, uri).status;
}

std::string value_of(const page& p, std::string_view name) {
    const auto* found = p.head.headers.find(name);
    return found == nullptr ? "(none)" : *found;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("how a transaction ends decides the status") {
    CHECK(status_of(end_kind::offline) == 502);
    CHECK(status_of(end_kind::replaced) == 502);
    CHECK(status_of(end_kind::broken) == 502);
    CHECK(status_of(end_kind::timed_out) == 504);
    CHECK(status_of(end_kind::link_down) == 503);
    CHECK(status_of(end_kind::too_large) == 431);
    CHECK(status_of(end_kind::too_large, "", true) == 414);
    CHECK(status_of(end_kind::bounced, "service-unavailable") == 502);
    CHECK(status_of(end_kind::bounced, "remote-server-not-found") == 502);
    CHECK(status_of(end_kind::bounced, "remote-server-timeout") == 504);
    CHECK(status_of(end_kind::shut_down, "backend-refused") == 502);
    CHECK(status_of(end_kind::shut_down, "too-large") == 502);
    CHECK(status_of(end_kind::shut_down, "timeout") == 504);
    CHECK(status_of(end_kind::shut_down, "whatever comes") == 502);
    CHECK(status_of(end_kind::completed) == 502);
}

TEST_CASE("whoever was asked may have run it, and the words say so") {
    for (const auto kind :
         {end_kind::offline, end_kind::timed_out, end_kind::bounced, end_kind::link_down}) {
        const auto told = error_page(failure_of(talk::outcome{kind, ""}, false), "");
        CHECK(contains(told.body, "may have been carried out"));
    }
    CHECK_FALSE(contains(error_page(failure_of(absence::nobody_home), "").body, "carried out"));
}

TEST_CASE("nobody to ask is 503 with Retry-After") {
    for (const auto why : {absence::detached, absence::nobody_home, absence::busy, absence::crowded}) {
        const auto told = error_page(failure_of(why), "");
        CHECK(told.head.status == 503);
        CHECK(std::stoul(value_of(told, "Retry-After")) > 0);
    }
    CHECK(value_of(error_page(failure_of(refusal::unknown_site), ""), "Retry-After") == "(none)");
}

TEST_CASE("refused requests") {
    CHECK(failure_of(refusal::unknown_site).status == 404);
    CHECK(failure_of(refusal::bad_target).status == 400);
    CHECK(failure_of(refusal::too_slow).status == 408);
    CHECK(failure_of(refusal::body_too_large).status == 413);
    CHECK(failure_of(refusal::method_not_supported).status == 501);
    const auto flooded = error_page(failure_of(refusal::too_many_requests), "");
    CHECK(flooded.head.status == 429);
    CHECK(std::stoul(value_of(flooded, "Retry-After")) > 0);
    for (const unsigned status : {400U, 404U, 414U, 431U, 501U, 505U}) {
        CHECK(failure_of_unreadable(status).status == status);
    }
    CHECK(failure_of_unreadable(500).status == 400);
}

TEST_CASE("who went away or fails is passed over by requests that may be sent again") {
    CHECK(may_go_elsewhere({end_kind::offline, ""}));
    CHECK(may_go_elsewhere({end_kind::replaced, ""}));
    CHECK(may_go_elsewhere({end_kind::bounced, "service-unavailable"}));
    CHECK(may_go_elsewhere({end_kind::broken, ""}));
    CHECK(may_go_elsewhere({end_kind::shut_down, "backend-refused"}));
    CHECK(may_go_elsewhere({end_kind::shut_down, "unknown"}));
    CHECK_FALSE(may_go_elsewhere({end_kind::timed_out, ""}));
    CHECK_FALSE(may_go_elsewhere({end_kind::shut_down, "timeout"}));
    CHECK_FALSE(may_go_elsewhere({end_kind::shut_down, "too-large"}));
    CHECK_FALSE(may_go_elsewhere({end_kind::too_large, ""}));
    CHECK_FALSE(may_go_elsewhere({end_kind::link_down, ""}));
    CHECK_FALSE(may_go_elsewhere({end_kind::open, ""}));
}

TEST_CASE("a failure is a resource's own, not the request's, and going away is none") {
    CHECK(is_failure({end_kind::bounced, "service-unavailable"}));
    CHECK(is_failure({end_kind::broken, ""}));
    CHECK(is_failure({end_kind::timed_out, ""}));
    CHECK(is_failure({end_kind::shut_down, "busy"}));
    CHECK(is_failure({end_kind::shut_down, "timeout"}));
    CHECK_FALSE(is_failure({end_kind::shut_down, "too-large"}));
    CHECK_FALSE(is_failure({end_kind::shut_down, "client-gone"}));
    CHECK_FALSE(is_failure({end_kind::offline, ""}));
    CHECK_FALSE(is_failure({end_kind::replaced, ""}));
    CHECK_FALSE(is_failure({end_kind::completed, ""}));
    CHECK_FALSE(is_failure({end_kind::open, ""}));
}

TEST_CASE("troubled domains") {
    CHECK(is_domain_trouble({end_kind::bounced, "remote-server-not-found"}));
    CHECK_FALSE(is_domain_trouble({end_kind::bounced, "service-unavailable"}));
}

TEST_CASE("HTML for those who take it, plain text for the rest, never stored") {
    const auto failed = failure_of(absence::detached);
    const auto html = error_page(failed, "text/html,application/xhtml+xml,*/*;q=0.8");
    CHECK(value_of(html, "Content-Type") == "text/html; charset=utf-8");
    CHECK(html.body.starts_with("<!DOCTYPE html>"));
    CHECK(contains(html.body, failed.happened));
    CHECK(contains(html.body, failed.advice));
    for (const char* accept : {"", "application/json", "text/plain"}) {
        const auto text = error_page(failed, accept);
        CHECK(value_of(text, "Content-Type") == "text/plain; charset=utf-8");
        CHECK(contains(text.body, failed.happened));
        CHECK_FALSE(contains(text.body, "<"));
    }
    CHECK(value_of(html, "Cache-Control") == "no-store");
    CHECK(value_of(html, "Content-Length") == std::to_string(html.body.size()));
}

TEST_CASE("what a page says is text, whatever is in it") {
    failure odd;
    odd.status = 599;
    odd.happened = "<script>alert(\"1\")</script> & more";
    const auto told = error_page(odd, "text/html");
    CHECK_FALSE(contains(told.body, "<script>"));
    CHECK(contains(told.body, "&lt;script&gt;"));
}

TEST_CASE("the admin listener's pages") {
    const auto ask = [](const char* method, const char* target, const char* obstacle) {
        return admin_page(http::request_head{method, target, 1, {}}, obstacle);
    };
    CHECK(ask("GET", "/healthz", "anything").head.status == 200);
    CHECK(ask("GET", "/readyz", "").head.status == 200);
    CHECK(ask("GET", "/readyz?verbose", "").head.status == 200);
    const auto unready = ask("HEAD", "/readyz", "no server");
    CHECK(unready.head.status == 503);
    CHECK(contains(unready.body, "no server"));
    CHECK(ask("POST", "/readyz", "").head.status == 405);
    CHECK(ask("GET", "/", "").head.status == 404);
}

TEST_CASE("the operator is told what to change, and where") {
    settings s;
    s.file = "/etc/gateway.toml";
    s.component.domain = "http.example.org";
    for (const auto error :
         {xmpp::errc::conflict, xmpp::errc::not_authorized, xmpp::errc::host_unknown}) {
        const auto told = trouble_of(error, s);
        CHECK(told.needs_someone);
        CHECK(contains(told.advice, "/etc/gateway.toml"));
        CHECK(contains(told.advice, "http.example.org"));
    }
    CHECK(trouble_of(xmpp::errc::conflict, s).advice !=
          trouble_of(xmpp::errc::not_authorized, s).advice);
    CHECK(trouble_of(xmpp::errc::host_unknown, s).advice !=
          trouble_of(xmpp::errc::not_authorized, s).advice);
    const auto refused = trouble_of(make_error_code(boost::system::errc::connection_refused), s);
    CHECK_FALSE(refused.needs_someone);
    CHECK(contains(refused.advice, "127.0.0.1:5347"));
    CHECK(is_loopback("127.0.0.1"));
    CHECK(is_loopback("localhost"));
    CHECK_FALSE(is_loopback("192.0.2.1"));
    CHECK_FALSE(is_loopback("xmpp.example.org"));
}

}  // namespace crosstalk::gateway
