#include "cmd/proxy_configuration.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace crosstalk::cmd;

namespace {

proxy_options enough() {
    proxy_options options;
    options.jid = "juliet@capulet.example";
    return options;
}

}  // namespace

TEST_CASE("an account is enough for a proxy") {
    findings found;
    auto const s = read_proxy_configuration(enough(), {"hush", {}, {}}, found);
    REQUIRE(s.has_value());
    CHECK(s->listen == "127.0.0.1:8118");
    CHECK(s->jid == "juliet@capulet.example");
    CHECK(s->password == "hush");
}

TEST_CASE("where the proxy listens may stand in the file, and publish and fetch leave it") {
    scratch_folder const folder;
    proxy_options options;
    options.config = folder.write("me.toml", R"(jid = "juliet@capulet.example"
listen = "[::1]:9000"
allow = "anyone"
)");
    findings found;
    auto s = read_proxy_configuration(options, {}, found);
    REQUIRE(s.has_value());
    CHECK(s->listen == "[::1]:9000");
    options.listen = "127.0.0.1:9001";
    s = read_proxy_configuration(options, {}, found);
    REQUIRE(s.has_value());
    CHECK(s->listen == "127.0.0.1:9001");
}

TEST_CASE("where no browser could find it is refused") {
    for (const char* where :
         {"8118", "127.0.0.1", "127.0.0.1:0", "unix:/run/x", "http://127.0.0.1:1", ""}) {
        CAPTURE(where);
        auto options = enough();
        options.listen = where;
        findings found;
        CHECK_FALSE(read_proxy_configuration(options, {}, found).has_value());
        CHECK(found.errors.size() == 1);
    }
}
