#include "cmd/options.hpp"

#include <doctest/doctest.h>

#include <iostream>
#include <sstream>

using namespace crosstalk::cmd;

namespace {

struct run {
    std::variant<command, int> outcome;
    std::string out, err;
};

/// Parses a command line while standard output and standard error are caught.
run parse(std::vector<const char*> arguments) {
    std::ostringstream out, err;
    auto* const out_before = std::cout.rdbuf(out.rdbuf());
    auto* const err_before = std::cerr.rdbuf(err.rdbuf());
    arguments.insert(arguments.begin(), "crosstalk");
    auto outcome = parse_options(static_cast<int>(arguments.size()), arguments.data());
    std::cout.rdbuf(out_before);
    std::cerr.rdbuf(err_before);
    return {std::move(outcome), out.str(), err.str()};
}

template <class Options>
Options options(std::vector<const char*> arguments) {
    auto const r = parse(std::move(arguments));
    INFO(r.err);
    REQUIRE(std::holds_alternative<command>(r.outcome));
    return std::get<Options>(std::get<command>(r.outcome));
}

int status(const run& r) {
    REQUIRE(std::holds_alternative<int>(r.outcome));
    return std::get<int>(r.outcome);
}

}  // namespace

TEST_CASE("publish takes its options in any order, a gateway at a time") {
    auto const o = options<publish_options>({"publish",
                                             "--gateway",
                                             "one.example",
                                             "./site",
                                             "--jid=a@b.example",
                                             "--gateway",
                                             "two.example",
                                             "--allow",
                                             "roster",
                                             "--allow",
                                             "x.example",
                                             "--name",
                                             "a",
                                             "--server",
                                             "h:1",
                                             "--ca-file",
                                             "c",
                                             "--password-file",
                                             "p",
                                             "--direct",
                                             "never",
                                             "--direct-host",
                                             "h",
                                             "--config",
                                             "f",
                                             "--compression",
                                             "off",
                                             "--priority",
                                             "-2",
                                             "--listings",
                                             "--verbose"});
    CHECK(o.target == "./site");
    CHECK(o.gateways == std::vector<std::string>{"one.example", "two.example"});
    CHECK(o.allow == std::vector<std::string>{"roster", "x.example"});
    CHECK(o.jid == "a@b.example");
    CHECK(o.name == "a");
    CHECK(o.server == "h:1");
    CHECK(o.ca_file == "c");
    CHECK(o.password_file == "p");
    CHECK(o.config == "f");
    CHECK(o.direct == "never");
    CHECK(o.direct_hosts == std::vector<std::string>{"h"});
    CHECK(o.compression == "off");
    CHECK(o.priority == "-2");
    CHECK(o.listings);
    CHECK(o.verbose);
    auto const bare = options<publish_options>({"publish"});
    CHECK_FALSE(bare.target.has_value());
    CHECK_FALSE(bare.gateways.has_value());
    CHECK_FALSE(bare.config.has_value());
}

TEST_CASE("fetch takes options as curl does") {
    auto const o =
        options<fetch_options>({"fetch", "-o", "f", "-C", "httpx://a@b.example/", "-X", "PUT", "-H",
                                "A: b", "-H", "C: d", "-d", "@-", "-i", "-s", "--jid", "me@b.example"});
    CHECK(o.uri == "httpx://a@b.example/");
    CHECK(o.output == "f");
    CHECK(o.resumes);
    CHECK(o.method == "PUT");
    CHECK(o.headers == std::vector<std::string>{"A: b", "C: d"});
    CHECK(o.data == "@-");
    CHECK(o.shows_head);
    CHECK(o.is_silent);
    CHECK(o.jid == "me@b.example");
    CHECK_FALSE(o.asks_for_head);
}

TEST_CASE("proxy takes an account and where to listen") {
    auto const o = options<proxy_options>({"proxy", "--listen", "[::1]:9", "--jid", "me@b.example"});
    CHECK(o.listen == "[::1]:9");
    CHECK(o.jid == "me@b.example");
    CHECK_FALSE(options<proxy_options>({"proxy"}).listen.has_value());
}

TEST_CASE("the gateway's commands take its configuration") {
    CHECK(options<gateway_options>({"gateway", "--config", "g.toml"}).config == "g.toml");
    CHECK(options<check_options>({"check", "--config", "g.toml"}).config == "g.toml");
    auto const list = options<site_options>({"site", "list", "--json", "--config", "g.toml"});
    CHECK(list.what == site_options::action::list);
    CHECK(list.json);
    auto const add =
        options<site_options>({"site", "add", "romeo", "romeo@montague.example", "--config", "g.toml"});
    CHECK(add.what == site_options::action::add);
    CHECK(add.name == "romeo");
    CHECK(add.who == "romeo@montague.example");
    CHECK(add.visibility.empty());
    CHECK(add.config == "g.toml");
    CHECK(options<site_options>({"site", "show", "romeo", "--config", "g"}).what ==
          site_options::action::show);
    CHECK(options<site_options>({"site", "remove", "romeo", "--config", "g"}).what ==
          site_options::action::remove);
}

TEST_CASE("the operator says who sees a site, and what people may") {
    using action = site_options::action;
    auto const add = options<site_options>({"site", "add", "a", "b@c", "--visibility", "roster", "--config", "g"});
    CHECK(add.visibility == "roster");
    auto const seen = options<site_options>({"site", "visibility", "a", "listed", "--config", "g"});
    CHECK(seen.what == action::visibility);
    CHECK(seen.visibility == "listed");
    auto const admit = options<site_options>({"site", "admit", "a", "b@c", "--config", "g"});
    CHECK(admit.what == action::admit);
    CHECK(admit.who == "b@c");
    CHECK(options<site_options>({"site", "suspend", "a", "--config", "g"}).what == action::suspend);
    auto const rule = options<site_options>({"site", "rule", "*", "names", "5", "--config", "g"});
    CHECK(rule.what == action::rule);
    CHECK(rule.who == "*");
    CHECK(rule.rule == "names");
    CHECK(rule.value == "5");
    CHECK(options<site_options>({"site", "ban", "evil.example", "--config", "g"}).what == action::ban);
    CHECK(options<site_options>({"site", "rules", "--json", "--config", "g"}).json);
}

TEST_CASE("the configuration may be named by the environment") {
    setenv("CROSSTALK_CONFIG", "/etc/x.toml", 1);
    auto const o = options<gateway_options>({"gateway"});
    auto const over = options<gateway_options>({"gateway", "--config", "y.toml"});
    unsetenv("CROSSTALK_CONFIG");
    CHECK(o.config == "/etc/x.toml");
    CHECK(over.config == "y.toml");
}

TEST_CASE("wrong usage is status 1 and words on standard error alone") {
    unsetenv("CROSSTALK_CONFIG");
    for (std::vector<const char*> const& arguments :
         std::vector<std::vector<const char*>>{{},
                                               {"fetch"},
                                               {"fetch", "httpx://a@b/", "--gateway", "x.example"},
                                               {"proxy", "x"},
                                               {"proxy", "--gateway", "x.example"},
                                               {"gateway"},
                                               {"check"},
                                               {"site"},
                                               {"site", "list"},
                                               {"site", "hide", "romeo", "--config", "g"},
                                               {"site", "visibility", "romeo", "secret", "--config", "g"},
                                               {"site", "rule", "romeo@montague.example", "names", "--config", "g"},
                                               {"site", "add", "romeo", "--config", "g"},
                                               {"publish", "./a", "./b"},
                                               {"publish", "./a", "--inspect", "127.0.0.1:4040"},
                                               {"publish", "./a", "--direct"},
                                               {"publish", "./a", "--password", "hush"},
                                               {"publish", "--jid"},
                                               {"--verbose"}}) {
        auto const r = parse(arguments);
        CHECK(status(r) == 1);
        CHECK(r.out.empty());
        CHECK_FALSE(r.err.empty());
    }
}

TEST_CASE("what is not known is named, but never a password") {
    CHECK(parse({"tunnel"}).err.starts_with("crosstalk: there is no command or argument tunnel\n"));
    CHECK(parse({"publish", ".", "--inspect=1"})
              .err.starts_with("crosstalk: there is no option --inspect\n"));
    for (std::vector<const char*> const& arguments : std::vector<std::vector<const char*>>{
             {"publish", ".", "--password", "hush"}, {"publish", ".", "--password=hush"}}) {
        auto const r = parse(arguments);
        CHECK(r.err.starts_with(
            "crosstalk: a password is not given as an argument; see --password-file\n"));
        CHECK(r.err.find("hush") == std::string::npos);
    }
}

TEST_CASE("version and help are answers, not mistakes") {
    auto const version = parse({"--version"});
    CHECK(status(version) == 0);
    CHECK(version.out == "crosstalk " CROSSTALK_VERSION "\n");
    for (std::vector<const char*> const& arguments :
         std::vector<std::vector<const char*>>{{"--help"},
                                               {"gateway", "--help"},
                                               {"publish", "--help"},
                                               {"fetch", "--help"},
                                               {"proxy", "--help"},
                                               {"site", "--help"},
                                               {"check", "--help"}}) {
        auto const help = parse(arguments);
        CHECK(status(help) == 0);
        CHECK(help.out.find("Example") != std::string::npos);
        CHECK(help.err.empty());
        for (auto const* const unbuilt : {"fastcgi", "scgi"})
            CHECK_MESSAGE(help.out.find(unbuilt) == std::string::npos, unbuilt);
    }
}
