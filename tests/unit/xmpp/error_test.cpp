// Errors carry a text, and conditions on the wire become errors.
#include "xmpp/error.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace crosstalk::xmpp;

TEST_CASE("every error has a text of its own") {
    std::set<std::string> texts;
    for (int i = 1; i <= static_cast<int>(errc::try_later); ++i)
        texts.insert(make_error_code(static_cast<errc>(i)).message());
    CHECK(texts.size() == static_cast<std::size_t>(errc::try_later));
    CHECK(texts.count("unknown XMPP error") == 0);
    CHECK(make_error_code(static_cast<errc>(999)).message() == "unknown XMPP error");
    CHECK(std::string(make_error_code(errc::conflict).category().name()) == "crosstalk.xmpp");
}

TEST_CASE("stream conditions are told apart as far as someone acts on them") {
    CHECK(stream_condition("conflict") == errc::conflict);
    CHECK(stream_condition("not-authorized") == errc::not_authorized);
    CHECK(stream_condition("host-unknown") == errc::host_unknown);
    CHECK(stream_condition("policy-violation") == errc::policy_violation);
    CHECK(stream_condition("system-shutdown") == errc::system_shutdown);
    CHECK(stream_condition("not-well-formed") == errc::malformed_xml);
    CHECK(stream_condition("resource-constraint") == errc::try_later);
    CHECK(stream_condition("reset") == errc::stream_error);
    CHECK(stream_condition("") == errc::stream_error);
}

TEST_CASE("a SASL failure is the password's, the mechanism's or only for now") {
    CHECK(sasl_condition("not-authorized") == errc::not_authorized);
    CHECK(sasl_condition("account-disabled") == errc::not_authorized);
    CHECK(sasl_condition("temporary-auth-failure") == errc::try_later);
    CHECK(sasl_condition("mechanism-too-weak") == errc::no_mechanism);
}
