// SCRAM by the vectors of RFC 5802 and RFC 7677, and against servers that lie.
#include "xmpp/scram.hpp"

#include <doctest/doctest.h>

#include "base/base64.hpp"

using namespace crosstalk;
using namespace crosstalk::xmpp;

namespace {

scram_client sha1_client(channel_binding binding = {}) {
    return {base::hash::sha1, "user", "pencil", "fyko+d2lbbFgONRv9qkxdawL", std::move(binding)};
}
constexpr std::string_view sha1_challenge =
    "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";

}  // namespace

TEST_CASE("the exchange of RFC 5802, section 5") {
    scram_client client = sha1_client();
    CHECK(client.first_message() == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    const auto final_message = client.final_message(sha1_challenge);
    REQUIRE(final_message.has_value());
    CHECK(*final_message ==
          "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    CHECK(client.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").has_value());
    CHECK(client.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,x=extension").has_value());
}

TEST_CASE("the exchange of RFC 7677, section 3") {
    scram_client client(base::hash::sha256, "user", "pencil", "rOprNGfwEbeRWgbNEkqO", {});
    CHECK(client.first_message() == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    const auto final_message = client.final_message(
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    REQUIRE(final_message.has_value());
    CHECK(*final_message ==
          "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
          "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    CHECK(client.verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").has_value());
}

TEST_CASE("the gs2 header says what is known about channel binding, and c= repeats it") {
    using kind = channel_binding::kind;
    scram_client yes = sha1_client({kind::not_offered, "", ""});
    CHECK(yes.first_message().starts_with("y,,n=user"));
    CHECK(yes.final_message(sha1_challenge)->starts_with("c=" + base::to_base64("y,,") + ",r="));

    const std::string value("\0\x01\xFE\xFF", 4);
    scram_client bound = sha1_client({kind::used, "tls-exporter", value});
    CHECK(bound.first_message().starts_with("p=tls-exporter,,n=user"));
    CHECK(bound.final_message(sha1_challenge)
              ->starts_with("c=" + base::to_base64("p=tls-exporter,," + value) + ",r="));
}

TEST_CASE("comma and equals sign in a name are escaped") {
    scram_client client(base::hash::sha1, "a=b,c", "x", "nonce", {});
    CHECK(client.first_message() == "n,,n=a=3Db=2Cc,r=nonce");
}

TEST_CASE("a challenge that is not an answer to us is not answered") {
    const std::string ours = "r=fyko+d2lbbFgONRv9qkxdawL";
    for (const std::string& challenge :
         {std::string(), std::string("r=other,s=QSXCR+Q6sek8bf92,i=4096"),
          ours + ",s=QSXCR+Q6sek8bf92,i=4096", ours + "x,s=,i=4096", ours + "x,s=QSXC!,i=4096",
          ours + "x,s=QSXCR+Q6sek8bf92", ours + "x,i=4096", ours + "x,s=QSXCR+Q6sek8bf92,i=",
          ours + "x,s=QSXCR+Q6sek8bf92,i=0", ours + "x,s=QSXCR+Q6sek8bf92,i=-1",
          ours + "x,s=QSXCR+Q6sek8bf92,i=12x", ours + "x,s=QSXCR+Q6sek8bf92,i=10000001",
          ours + "x,s=QSXCR+Q6sek8bf92,i=99999999999999999999", ours + "\x7F,s=QSXCR+Q6sek8bf92,i=4096",
          "m=ext," + ours + "x,s=QSXCR+Q6sek8bf92,i=4096",
          ours + "x,s=QSXCR+Q6sek8bf92,i=4096," + std::string(20'000, 'x')}) {
        CAPTURE(challenge);
        const auto answer = sha1_client().final_message(challenge);
        REQUIRE_FALSE(answer.has_value());
        CHECK(answer.error() == errc::server_not_proven);
    }
}

TEST_CASE("one iteration is enough to be answered, weak as it is") {
    CHECK(
        sha1_client().final_message("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=1").has_value());
}

TEST_CASE("a server that does not know the password is found out") {
    scram_client client = sha1_client();
    CHECK(client.verify("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=").error() == errc::server_not_proven);
    REQUIRE(client.final_message(sha1_challenge).has_value());
    for (const char* last : {"", "v=", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                             "v=rmF9pqV8S7suAoZWja4dJRkFsKQ", "x=1", "rmF9pqV8S7suAoZWja4dJRkFsKQ="}) {
        CAPTURE(last);
        CHECK(client.verify(last).error() == errc::server_not_proven);
    }
    CHECK(client.verify("e=invalid-proof").error() == errc::not_authorized);
}

TEST_CASE("passwords are prepared by SASLprep") {
    CHECK(*saslprep("pencil") == "pencil");
    CHECK(*saslprep("I\xC2\xADX") == "IX");    // soft hyphen (RFC 4013, 3)
    CHECK(*saslprep("\xC2\xAA") == "a");       // feminine ordinal
    CHECK(*saslprep("\xE2\x85\xA8") == "IX");  // roman numeral nine
    CHECK(*saslprep("a\xC2\xA0"
                    "b") == "a b");  // no-break space
    CHECK(saslprep("\x07").error() == errc::not_authorized);
    CHECK(saslprep("\xD8\xA7\x31").error() == errc::not_authorized);  // mixed directions
    CHECK(saslprep("").error() == errc::not_authorized);
    CHECK(saslprep("\xFF").error() == errc::not_authorized);
    CHECK(saslprep(std::string(1025, 'x')).error() == errc::not_authorized);
    CHECK(saslprep(std::string(1024, 'x'))->size() == 1024);
}
