#include "base/log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <regex>
#include <string>

#include "base/log_line.hpp"

using namespace crosstalk::base;

namespace {

/// What `write` prints on standard error, which is a file meanwhile.
template <class Write>
std::string captured(Write write) {
    std::FILE* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    std::fflush(stderr);
    int const saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    write();
    std::fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
    std::rewind(file);
    CHECK(std::fread(text.data(), 1, text.size(), file) == text.size());
    std::fclose(file);
    return text;
}

}  // namespace

TEST_CASE("an event is one line with time, level and its keys") {
    std::string const text = captured([] {
        configure_log(log_level::info, log_format::text);
        log(log_level::info, "component attached", {{"domain", "http.example.org"}, {"attempt", 3}});
        log(log_level::debug, "this is not asked for");
        log(log_level::warning, "peer refused", {{"reason", "not a token"}});
    });
    std::regex const expected(
        R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info component attached domain=http\.example\.org attempt=3\n)"
        R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning peer refused reason="not a token"\n)");
    CHECK_MESSAGE(std::regex_match(text, expected), text);
}

TEST_CASE("the JSON format is one object per line") {
    std::string const text = captured([] {
        configure_log(log_level::error, log_format::json);
        log(log_level::warning, "too mild");
        log(log_level::error, "cannot listen", {{"address", "127.0.0.1:80"}, {"why", "say \"no\"\n"}});
    });
    std::regex const expected(
        R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"error","event":"cannot listen",)"
        R"("address":"127\.0\.0\.1:80","why":"say \\"no\\"\\n"\}\n)");
    CHECK_MESSAGE(std::regex_match(text, expected), text);
}

TEST_CASE("a log that is off writes nothing, and says beforehand that it would not") {
    configure_log(log_level::off, log_format::text);
    CHECK(captured([] { log(log_level::error, "unheard"); }).empty());
    CHECK_FALSE(is_logged(log_level::error));
    configure_log(log_level::warning, log_format::text);
    CHECK(is_logged(log_level::error));
    CHECK(is_logged(log_level::warning));
    CHECK_FALSE(is_logged(log_level::info));
}

TEST_CASE("values are quoted when they need it") {
    CHECK(text_line("e", {{"k", "plain/value:1"}}) == "e k=plain/value:1");
    CHECK(text_line("e", {{"k", ""}}) == R"(e k="")");
    CHECK(text_line("e", {{"k", "a b"}}) == R"(e k="a b")");
    CHECK(text_line("e", {{"k", "a=b"}}) == R"(e k="a=b")");
    CHECK(text_line("e", {{"k", R"(a"b\)"}}) == R"(e k="a\"b\\")");
    CHECK(text_line("e", {{"k", -5}}) == "e k=-5");
}

TEST_CASE("nothing in a value reaches a terminal raw, nor ends the line") {
    for (int byte = 0; byte < 256; ++byte) {
        std::string const value(1, static_cast<char>(byte));
        for (std::string const& line :
             {text_line("e", {{"k", value}}), json_members("e", {{"k", value}})})
            for (char const c : line) CHECK((c >= 0x20 && c < 0x7f));
    }
    CHECK(text_line("e\n2026", {}) == R"(e\n2026)");
    CHECK(text_line("e", {{"k", "\x1b[2J\r\n"}}) == R"(e k="\x1b[2J\x0d\n")");
    CHECK(json_members("e", {{"k", "\x1b"}}) == R"("event":"e","k":"\u001b")");
}

TEST_CASE("names in any script stay readable; what is no UTF-8 or turns the text round does not") {
    CHECK(text_line("e", {{"k", "zoë@λ.example 😀"}}) == "e k=\"zoë@λ.example 😀\"");
    CHECK(text_line("e", {{"k",
                           "a\xe2\x80\xae"
                           "b"}}) == R"(e k="a\xe2\x80\xaeb")");
    CHECK(text_line("e", {{"k", "\xc2\x9b"}}) == R"(e k="\xc2\x9b")");
    CHECK(text_line("e", {{"k", "\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"}}) ==
          R"(e k="\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82")");
}

TEST_CASE("long values are cut between characters") {
    std::string const line =
        text_line("e", {{"k", std::string(max_log_value - 1, 'x') + "é" + "tail"}});
    CHECK(line == "e k=\"" + std::string(max_log_value - 1, 'x') + "...\"");
}
