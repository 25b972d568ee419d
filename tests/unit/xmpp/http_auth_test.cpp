// Asking somebody whether a request is theirs (XEP-0070), and what counts as an answer.
#include "xmpp/http_auth.hpp"

#include <doctest/doctest.h>

namespace crosstalk::xmpp {
namespace {

const http_request request{"ABCD-2345", "GET", "https://romeo.http.example.org/"};

element answer() {
    auto message = make_message("normal", "http.example.org", "juliet@capulet.example/chat", "");
    message.add(element("confirm", std::string(ns::http_auth))).set("id", request.id);
    return message;
}

}  // namespace

TEST_CASE("the question has what the person sees, and is kept by nobody") {
    const auto asked = ask_to_confirm("juliet@capulet.example", "http.example.org", request, "Is it you?");
    CHECK(asked.attr("to") == "juliet@capulet.example");
    CHECK(asked.child("body", ns::client)->text() == "Is it you?");
    CHECK(asked.child("thread", ns::client)->text() == request.id);
    const auto* confirm = asked.child("confirm", ns::http_auth);
    REQUIRE(confirm != nullptr);
    CHECK(confirm->attr("id") == request.id);
    CHECK(confirm->attr("url") == request.url);
    CHECK(asked.child("no-store", ns::hints) != nullptr);
}

TEST_CASE("yes, and no") {
    const auto yes = read_confirm_answer(answer());
    REQUIRE(yes);
    CHECK(yes->is_confirmed);
    CHECK(yes->id == request.id);
    CHECK(yes->from == "juliet@capulet.example/chat");
    auto refusal = answer();
    refusal.set("type", "error");
    refusal.add(error_element(condition::not_authorized));
    const auto no = read_confirm_answer(refusal);
    REQUIRE(no);
    CHECK_FALSE(no->is_confirmed);
}

TEST_CASE("what a server sends back is no answer, nor is anything else") {
    for (const auto what : {condition::service_unavailable, condition::item_not_found, condition::remote_server_not_found}) {
        auto bounce = answer();
        bounce.set("type", "error");
        bounce.add(error_element(what));
        CHECK_FALSE(read_confirm_answer(bounce));
    }
    auto bare_error = answer();
    bare_error.set("type", "error");
    CHECK_FALSE(read_confirm_answer(bare_error));
    CHECK_FALSE(read_confirm_answer(make_message("chat", "a@b", "c@d", "ABCD-2345")));
    auto iq = make_iq(iq_type::get, request.id, "http.example.org", "juliet@capulet.example");
    iq.add(element("confirm", std::string(ns::http_auth)));
    CHECK_FALSE(read_confirm_answer(iq));
    CHECK_FALSE(read_confirm_answer(make_result(iq)));
}

}  // namespace crosstalk::xmpp
