// The counters of XEP-0198, also where they wrap, and the bound on what is kept.
#include "xmpp/stream_management.hpp"

#include <doctest/doctest.h>

using crosstalk::xmpp::read_count;
using crosstalk::xmpp::stream_management;

namespace {

std::string kept(const stream_management& m) {
    std::string out;
    m.replay(out);
    return out;
}

stream_management enabled(std::size_t limit = 1000) {
    stream_management m(limit);
    m.begin();
    m.confirm("id");
    return m;
}

}  // namespace

TEST_CASE("what is acknowledged is kept no longer") {
    stream_management m = enabled();
    for (const char* s : {"<a/>", "<b/>", "<c/>"}) m.sent(s);
    CHECK(kept(m) == "<a/><b/><c/>");
    CHECK(m.acknowledged(2));
    CHECK(kept(m) == "<c/>");
    CHECK(m.acknowledged(2));
    CHECK(m.unacknowledged() == 1);
    CHECK(m.acknowledged(3));
    CHECK(kept(m) == "");
}

TEST_CASE("an acknowledgement of what was not sent, or of less than before, is impossible") {
    stream_management m = enabled();
    m.sent("<a/>");
    m.sent("<b/>");
    CHECK_FALSE(m.acknowledged(3));
    CHECK(m.acknowledged(1));
    CHECK_FALSE(m.acknowledged(0));
    CHECK_FALSE(m.acknowledged(0xFFFFFFFF));
    CHECK(m.unacknowledged() == 1);
}

TEST_CASE("nothing is counted before it begins, and nothing received before it is confirmed") {
    stream_management m(1000);
    m.sent("<a/>");
    m.received();
    CHECK(m.unacknowledged() == 0);
    m.begin();
    m.sent("<b/>");
    m.received();
    CHECK_FALSE(m.should_ask());
    CHECK_FALSE(m.may_resume());
    m.confirm("id");
    CHECK(m.received_count() == 0);
    CHECK_FALSE(m.owes_answer());
    m.received();
    CHECK(m.owes_answer());
    m.answered();
    CHECK_FALSE(m.owes_answer());
    CHECK(m.unacknowledged() == 1);
    CHECK(m.may_resume());
}

TEST_CASE("without an id there is no resumption") {
    stream_management m(1000);
    m.begin();
    m.confirm("");
    CHECK(m.is_enabled());
    CHECK_FALSE(m.may_resume());
}

TEST_CASE("an acknowledgement is asked for after 16 stanzas, and once") {
    stream_management m = enabled(100'000);
    for (int i = 0; i < 15; ++i) m.sent("<a/>");
    CHECK_FALSE(m.should_ask());
    m.sent("<a/>");
    CHECK(m.should_ask());
    m.asked();
    for (int i = 0; i < 40; ++i) m.sent("<a/>");
    CHECK_FALSE(m.should_ask());
    CHECK(m.acknowledged(16));
    CHECK(m.should_ask());
    m.asked();
    CHECK(m.acknowledged(56));
    CHECK_FALSE(m.should_ask());
}

TEST_CASE("or after 64 KiB") {
    stream_management m = enabled(1'000'000);
    m.sent(std::string(65'535, 'x'));
    CHECK_FALSE(m.should_ask());
    m.sent("x");
    CHECK(m.should_ask());
}

TEST_CASE("what does not fit is forgotten, and there is no resumption until all is acknowledged") {
    stream_management m = enabled(10);
    m.sent("<12345/>");
    CHECK(m.may_resume());
    m.sent("<a/>");
    CHECK_FALSE(m.may_resume());
    CHECK(kept(m) == "");
    m.sent("<b/>");
    CHECK(m.unacknowledged() == 3);
    CHECK(m.acknowledged(2));
    CHECK_FALSE(m.may_resume());
    CHECK(m.acknowledged(3));
    CHECK(m.may_resume());
    m.sent("<c/>");
    CHECK(kept(m) == "<c/>");
    CHECK(m.may_resume());
}

TEST_CASE("a new beginning counts from zero") {
    stream_management m = enabled();
    m.sent("<a/>");
    m.received();
    m.begin();
    m.confirm("other");
    CHECK(m.id() == "other");
    CHECK(m.unacknowledged() == 0);
    CHECK(m.received_count() == 0);
    CHECK(kept(m) == "");
}

TEST_CASE("counters go on from zero after 2^32 - 1") {
    stream_management m(1000, 0xFFFFFFFD);
    m.begin();
    m.confirm("id");
    for (const char* s : {"<a/>", "<b/>", "<c/>", "<d/>"}) m.sent(s);
    CHECK(m.unacknowledged() == 4);
    CHECK(m.acknowledged(0xFFFFFFFE));
    CHECK(kept(m) == "<b/><c/><d/>");
    CHECK_FALSE(m.acknowledged(2));
    CHECK(m.acknowledged(0));
    CHECK(kept(m) == "<d/>");
    CHECK(m.acknowledged(1));
    CHECK(m.unacknowledged() == 0);
    for (int i = 0; i < 3; ++i) m.received();
    CHECK(m.received_count() == 0);
    CHECK(m.owes_answer());
}

TEST_CASE("a count is a decimal number below 2^32") {
    std::uint32_t h = 7;
    CHECK(read_count("0", h));
    CHECK(h == 0);
    CHECK(read_count("4294967295", h));
    CHECK(h == 4294967295);
    for (const char* text : {"", "-1", "+1", "4294967296", "1x", " 1", "x"}) {
        CAPTURE(text);
        CHECK_FALSE(read_count(text, h));
    }
}
