#include "cmd/fetch_configuration.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace crosstalk;
using namespace crosstalk::cmd;

namespace {

fetch_options enough() {
    fetch_options options;
    options.uri = "httpx://romeo@montague.example/page";
    options.jid = "juliet@capulet.example";
    return options;
}

std::vector<std::string> errors_of(const fetch_options& options) {
    findings found;
    CHECK_FALSE(read_fetch_configuration(options, {}, found).has_value());
    return found.errors;
}

}  // namespace

TEST_CASE("an address and an account are enough to fetch") {
    findings found;
    auto const s = read_fetch_configuration(enough(), {"hush", {}, {}}, found);
    REQUIRE(s.has_value());
    CHECK(s->where.bare == "romeo@montague.example");
    CHECK(s->where.target == "/page");
    CHECK(s->jid == "juliet@capulet.example");
    CHECK(s->password == "hush");
    CHECK(s->output.empty());
    CHECK_FALSE(s->body.has_value());
}

TEST_CASE("bodies are text, files or standard input; fields are split") {
    auto options = enough();
    options.headers = {"Accept: text/plain", "X-Empty:", "X:y:z"};
    options.data = "@letters";
    options.output = "-";
    findings found;
    auto s = read_fetch_configuration(options, {}, found);
    REQUIRE(s.has_value());
    CHECK(s->headers == http::fields{{"Accept", "text/plain"}, {"X-Empty", ""}, {"X", "y:z"}});
    CHECK(s->body->file == "letters");
    CHECK(s->output.empty());
    options.data = "a=b";
    s = read_fetch_configuration(options, {}, found);
    CHECK_FALSE(s->body->file.has_value());
    CHECK(s->body->text == "a=b");
}

TEST_CASE("what cannot be meant is told") {
    auto options = enough();
    options.uri = "http://romeo@montague.example/";
    options.method = "GE T";
    options.headers = {"nonsense", "A: b\nC: d"};
    options.resumes = true;
    options.data = "x";
    options.asks_for_head = true;
    options.jid.reset();
    CHECK(errors_of(options).size() == 8);
}

TEST_CASE("the configuration of publish says who asks, and its other keys are left") {
    scratch_folder const folder;
    auto options = enough();
    options.jid.reset();
    options.config = folder.write("publish.toml", R"(target = "/srv/site"
jid = "romeo@montague.example"
gateway = "http.example.org"
allow = "anyone"
direct = "auto"
direct_host = []
compression = "off"
listings = true
verbose = true
name = "romeo"
password = "hush"
)");
    findings found;
    auto const s = read_fetch_configuration(options, {}, found);
    REQUIRE_MESSAGE(s.has_value(), (found.errors.empty() ? "" : found.errors.front()));
    CHECK(s->jid == "romeo@montague.example");
    CHECK(s->password == "hush");
    options.config = folder.write("other.toml", "jid = \"a@b.example\"\npasword = \"x\"\n");
    CHECK(errors_of(options).size() == 1);
}
