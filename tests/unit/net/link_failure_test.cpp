// What is said of a link that failed, whether it is tried again, and when.
#include "net/link_failure.hpp"

#include <doctest/doctest.h>
#include <openssl/x509.h>

#include <boost/asio/error.hpp>

#include "net/backoff.hpp"
#include "net/error.hpp"
#include "net/tls.hpp"
#include "net/tls_engine.hpp"
#include "xmpp/error.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using stage = link_failure::stage;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

const error_code bad_certificate(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, certificate_category());

}  // namespace

TEST_CASE("a failure names the server, the domain, what happened and what to do") {
    const auto refused = describe({stage::connect, boost::asio::error::connection_refused, "",
                                   "127.0.0.1:5347", "http.example.org"});
    CHECK(has(refused, "127.0.0.1:5347"));
    CHECK(has(refused, "http.example.org"));
    CHECK(has(refused, "refused"));
    CHECK(has(refused, "Check that the server runs there"));

    const auto login = describe({stage::login, xmpp::errc::not_authorized,
                                 "not-authorized: no such user", "[::1]:5222", "example.org"});
    CHECK(has(login, "cannot log in"));
    CHECK(has(login, "no such user"));
    CHECK(has(login, "password"));

    const auto tls = describe({stage::tls, bad_certificate, "", "x:5223", "example.org"});
    CHECK(has(tls, "self-signed certificate"));
    CHECK(has(tls, "--ca-file"));

    CHECK(has(describe({stage::online, boost::asio::error::eof, "", "x:1", "y"}),
              "closed the connection"));
    CHECK(has(describe({stage::lookup, errc::service_not_offered, "", "", "y"}), "--server"));
}

TEST_CASE("every kind of failure that has advice of its own gives it") {
    std::string seen;
    for (const auto e : {xmpp::errc::not_authorized, xmpp::errc::host_unknown, xmpp::errc::conflict,
                         xmpp::errc::tls_unavailable, xmpp::errc::no_mechanism,
                         xmpp::errc::server_not_proven, xmpp::errc::policy_violation}) {
        const auto text = describe({stage::login, e, "", "x:1", "y"});
        const auto advice = text.substr(text.find(". ") + 2);
        CHECK_FALSE(has(seen, advice));
        seen += advice;
    }
}

TEST_CASE("refused credentials are final; a configuration that does not fit only at the first login") {
    const auto final = [](error_code e, bool was_online) {
        return is_final({stage::login, e, "", "", ""}, was_online);
    };
    CHECK(final(xmpp::errc::not_authorized, false));
    CHECK(final(xmpp::errc::not_authorized, true));
    CHECK(final(bad_certificate, false));
    CHECK_FALSE(final(bad_certificate, true));
    CHECK(final(xmpp::errc::host_unknown, false));
    CHECK_FALSE(final(xmpp::errc::host_unknown, true));
    CHECK_FALSE(final(boost::asio::error::connection_refused, false));
    CHECK_FALSE(final(xmpp::errc::conflict, false));
    CHECK_FALSE(final(xmpp::errc::system_shutdown, false));
}

TEST_CASE("a certificate error is told from others") {
    CHECK(is_certificate_error(bad_certificate));
    CHECK_FALSE(is_certificate_error(boost::asio::error::eof));
    CHECK_FALSE(is_certificate_error({}));
}

TEST_CASE("every network error has a text of its own") {
    std::string seen;
    for (int i = 1; i <= static_cast<int>(errc::tls_not_configured); ++i) {
        const auto text = make_error_code(static_cast<errc>(i)).message();
        CHECK(text != "unknown network error");
        CHECK_FALSE(has(seen, text));
        seen += text;
    }
}

TEST_CASE("pauses double up to the limit, at most half of each left to chance") {
    using std::chrono::milliseconds;
    const auto none = [](unsigned) { return 0U; };
    const auto most = [](unsigned below) { return below - 1; };
    backoff pause(milliseconds(250), milliseconds(1000));
    CHECK(pause.next(none) == milliseconds(250));
    CHECK(pause.next(most) == milliseconds(250));
    CHECK(pause.next(none) == milliseconds(1000));
    CHECK(pause.next(most) == milliseconds(500));
    CHECK(pause.next(none) == milliseconds(1000));
    pause.reset();
    CHECK(pause.next(none) == milliseconds(250));
}

TEST_CASE("a backoff of nothing still pauses") {
    backoff pause(std::chrono::milliseconds(0), std::chrono::milliseconds(0));
    CHECK(pause.next([](unsigned) { return 0U; }) > std::chrono::milliseconds(0));
}
