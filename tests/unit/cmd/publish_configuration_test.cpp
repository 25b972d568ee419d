#include "cmd/publish_configuration.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace crosstalk;
using cmd::account_environment;
using cmd::findings;
using cmd::publish_options;

namespace {

struct reading {
    std::optional<cmd::publish_configuration> configuration;
    findings found;
};

reading read(const publish_options& options, const account_environment& environment = {}) {
    reading out;
    out.configuration = cmd::read_publish_configuration(options, environment, out.found);
    for (std::string const& error : out.found.errors) INFO(error);
    return out;
}

publish_options enough() {
    publish_options options;
    options.target = "http://127.0.0.1:3000";
    options.jid = "Romeo@montague.example/Pda";
    options.gateways = {"HTTP.example.org"};
    return options;
}

}  // namespace

TEST_CASE("three options are enough to publish") {
    auto const r = read(enough());
    REQUIRE(r.configuration.has_value());
    auto const& s = r.configuration->settings;
    CHECK(s.jid == "romeo@montague.example/Pda");
    CHECK(s.gateways == std::vector<std::string>{"http.example.org"});
    REQUIRE(s.http.has_value());
    CHECK_FALSE(s.folder.has_value());
    CHECK(s.compresses);
    CHECK(s.password.empty());
    CHECK(s.name.empty());
    CHECK(s.server_host.empty());
    CHECK_FALSE(r.configuration->verbose);
}

TEST_CASE("what is missing is told all at once") {
    CHECK(read({}).found.errors ==
          std::vector<std::string>{
              "TARGET is required: a folder, http://HOST:PORT or unix:PATH",
              "--jid is required: your XMPP address, like romeo@montague.example",
          });
}

TEST_CASE("wrong options are told with what was expected") {
    auto options = enough();
    options.target = "/nonexistent/folder";
    options.jid = "montague.example";
    options.gateways = {"http.example.org", "a@b"};
    options.name = "Romeo!";
    options.compression = "gzip";
    options.priority = "0";
    options.server = "xmpp.example";
    options.ca_file = "/nonexistent/ca.pem";
    options.password_file = "/nonexistent/password";
    CHECK(
        read(options, {{}, {}, "127.0.0.1,ns.example"}).found.errors ==
        std::vector<std::string>{
            R"(TARGET: "/nonexistent/folder" does not exist; name a folder, http://HOST:PORT or unix:PATH)",
            R"(--jid: expected an XMPP address like romeo@montague.example, found "montague.example")",
            R"(--server: expected HOST:PORT or tls://HOST:PORT, found "xmpp.example")",
            "--ca-file: /nonexistent/ca.pem cannot be read: No such file or directory",
            "--password-file: /nonexistent/password cannot be read: No such file or directory",
            R"(CROSSTALK_DNS: expected an IP address like "127.0.0.1" or "127.0.0.1:5353", found "ns.example")",
            R"(--gateway: expected the domain of a gateway, like http.example.org, found "a@b")",
            R"(--name: expected a site name: 1 to 63 of a-z, 0-9 and -, none at the ends, found "Romeo!")",
            R"(--priority: expected a whole number from -128 to -1, found "0")",
            R"(--compression: expected auto or off, found "gzip")",
        });
}

TEST_CASE("a file holds the same keys, its paths are seen from its folder, and options win over it") {
    scratch_folder const folder;
    std::filesystem::create_directory(folder.path("site"));
    folder.write("word", "from the file\n");
    folder.write("ca.pem", "");
    publish_options options;
    options.config = folder.write("publish.toml", R"(target = "site"
jid = "romeo@montague.example"
gateway = ["one.example", "two.example"]
allow = ["roster", "capulet.example"]
name = "romeo"
server = "tls://xmpp.example:5223"
ca_file = "ca.pem"
password_file = "word"
direct = "require"
direct_host = "relay.example.net"
compression = "off"
priority = -128
listings = true
verbose = true
)");
    auto const r = read(options, {{}, {}, "127.0.0.1:5353,::1"});
    REQUIRE(r.configuration.has_value());
    auto const& s = r.configuration->settings;
    REQUIRE(s.folder.has_value());
    CHECK(s.folder->path == folder.path("site"));
    CHECK(s.folder->listings);
    CHECK_FALSE(s.compresses);
    CHECK(s.priority == -128);
    CHECK(s.gateways == std::vector<std::string>{"one.example", "two.example"});
    CHECK(s.guests.domains == std::vector<std::string>{"capulet.example"});
    CHECK(s.name == "romeo");
    CHECK(s.server_host == "xmpp.example");
    CHECK(s.server_port == 5223);
    CHECK(s.direct_tls);
    CHECK(s.ca_file == folder.path("ca.pem"));
    CHECK(s.password == "from the file");
    CHECK(s.direct == peer::direct_use::required);
    CHECK(s.direct_hosts == std::vector<std::string>{"relay.example.net"});
    CHECK(s.dns_servers == std::vector<std::string>{"127.0.0.1:5353", "::1"});
    CHECK(r.configuration->verbose);

    options.jid = "juliet@capulet.example";
    options.gateways = {"three.example"};
    options.server = "127.0.0.1:5222";
    options.target = "unix:/run/app.sock";
    auto const over = read(options);
    REQUIRE(over.configuration.has_value());
    CHECK(over.configuration->settings.jid == "juliet@capulet.example");
    CHECK(over.configuration->settings.gateways == std::vector<std::string>{"three.example"});
    CHECK_FALSE(over.configuration->settings.direct_tls);
    CHECK(over.configuration->settings.http.has_value());
    CHECK_FALSE(over.configuration->settings.folder.has_value());
}

TEST_CASE("without --allow contacts are let in; with it, whoever is named") {
    auto options = enough();
    auto guests = read(options).configuration->settings.guests;
    CHECK(guests.contacts);
    CHECK_FALSE(guests.anyone);
    options.gateways.reset();
    options.allow = {"Juliet@Capulet.example", "Verona.example"};
    auto r = read(options);
    REQUIRE(r.configuration.has_value());
    CHECK(r.configuration->settings.gateways.empty());
    guests = r.configuration->settings.guests;
    CHECK_FALSE(guests.contacts);
    CHECK_FALSE(guests.anyone);
    CHECK(guests.accounts == std::vector<std::string>{"juliet@capulet.example"});
    CHECK(guests.domains == std::vector<std::string>{"verona.example"});
    options.allow = {"roster", "anyone"};
    guests = read(options).configuration->settings.guests;
    CHECK(guests.contacts);
    CHECK(guests.anyone);
    options.allow = {"juliet@capulet.example/phone"};
    CHECK(read(options).found.errors ==
          std::vector<std::string>{
              "--allow: expected anyone, roster, an XMPP address without a resource, or a domain, "
              "found \"juliet@capulet.example/phone\""});
}

TEST_CASE("mistakes in the file are told with line and key") {
    scratch_folder const folder;
    std::string const file = folder.write("publish.toml", R"(jid = 5
gateway = "one.example"
name = "-"
visibility = "secret"
colour = "red"
target = "absent"
)");
    CHECK(
        read({}, {{}, file, {}}).found.errors ==
        std::vector<std::string>{
            file + R"(:1: key "jid": expected a string, found a number)",
            file +
                R"(:3: key "name": expected a site name: 1 to 63 of a-z, 0-9 and -, none at the ends, found "-")",
            file +
                R"(:4: key "visibility": expected "public", "roster" or "listed", found "secret")",
            file +
                R"(:5: key "colour": unknown key; expected allow, ca_file, compression, direct, direct_host, gateway, jid, listen, listings, name, )"
                R"(password, password_file, priority, server, target, verbose or visibility, found "colour")",
            file + R"(:6: key "target": ")" + folder.path("absent") +
                R"(" does not exist; name a folder, http://HOST:PORT or unix:PATH)",
        });
}

TEST_CASE("the password comes from the option's file, the environment, then the file's keys") {
    scratch_folder const folder;
    auto options = enough();
    auto const password = [](const reading& r) {
        REQUIRE(r.configuration.has_value());
        return r.configuration->settings.password;
    };
    options.config = folder.write("publish.toml", "password = \"in the configuration\"\n");
    CHECK(password(read(options)) == "in the configuration");
    CHECK(password(read(options, {"in the environment", {}, {}})) == "in the environment");
    options.password_file = folder.write("word", "in a file\n");
    CHECK(password(read(options, {"in the environment", {}, {}})) == "in a file");

    publish_options both = enough();
    both.config = folder.write("publish.toml", "password = \"hush\"\npassword_file = \"word\"\n");
    CHECK(read(both).found.errors ==
          std::vector<std::string>{
              *both.config + R"(:1: key "password": expected this or password_file, found both)"});
}

TEST_CASE("direct is one of three words, and a direct host has no port") {
    publish_options options;
    options.target = "unix:/run/app.sock";
    options.jid = "a@b.example";
    options.gateways = {"one.example"};
    CHECK(read(options).configuration->settings.direct == peer::direct_use::when_possible);
    options.direct = "never";
    CHECK(read(options).configuration->settings.direct == peer::direct_use::never);
    options.direct = "sometimes";
    CHECK_FALSE(read(options).configuration.has_value());
    options.direct = "auto";
    options.direct_hosts = {"relay.example.net:443"};
    CHECK_FALSE(read(options).configuration.has_value());
}
