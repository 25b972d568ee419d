#include "cmd/configuration.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "scratch_folder.hpp"

using namespace crosstalk;
using cmd::findings;
using std::chrono::milliseconds;

namespace {

constexpr auto enough = R"([component]
domain = "http.example.org"
secret = "s3cret"
[http]
base_url = "https://http.example.org"
)";

struct reading {
    std::optional<gateway::settings> settings;
    findings found;
};

reading read(const std::string& toml) {
    scratch_folder const folder;
    reading out;
    out.settings = cmd::read_gateway_configuration(folder.write("gateway.toml", toml), out.found);
    for (auto* const list : {&out.found.errors, &out.found.warnings})
        for (std::string& line : *list)
            for (auto at = line.find(folder.path() + "/"); at != std::string::npos;
                 at = line.find(folder.path() + "/"))
                line.erase(at, folder.path().size() + 1);
    return out;
}

/// The only error of a configuration that is fine but for what is appended to it.
std::string error_of(const std::string& appended) {
    auto const r = read(enough + appended);
    CHECK_FALSE(r.settings.has_value());
    CHECK(r.found.errors.size() == 1);
    return r.found.errors.empty() ? "" : r.found.errors.front();
}

}  // namespace

TEST_CASE("three keys are enough, the rest has its defaults") {
    auto const r = read(enough);
    REQUIRE(r.settings.has_value());
    CHECK(r.found.errors.empty());
    CHECK(r.found.warnings.empty());
    auto const& s = *r.settings;
    CHECK(s.file.ends_with("/gateway.toml"));
    CHECK(s.component.domain == "http.example.org");
    CHECK(s.component.secret == "s3cret");
    CHECK(s.component.host == "127.0.0.1");
    CHECK(s.component.port == 5347);
    CHECK(s.http.listen == std::vector<std::string>{"127.0.0.1:8080"});
    CHECK(s.sites.addressing == gateway::addressing::host);
    CHECK(s.sites.registry.empty());
    CHECK(s.admin.listen.empty());
    CHECK(s.timeouts.header == milliseconds{10'000});
    CHECK(s.limits.body == 0);
    CHECK(s.log.level == base::log_level::info);
}

TEST_CASE("every key arrives where it belongs") {
    auto const r = read(R"([component]
domain = "HTTP.Example.org"
secret = "s"
server = "[::1]:5348"
[http]
listen = ["0.0.0.0:80", "[::]:80", "unix:/run/x.sock"]
base_url = "https://Http.Example.org:443/"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "unix"]
[sites]
addressing = "both"
directory = true
registry = "sqlite:/var/lib/x.db"
registration = ["closed"]
[sites.static]
romeo = "Romeo@Montague.example"
a-1 = { owner = "juliet@capulet.example", visibility = "listed", guests = ["Nurse@capulet.example", "abbey.example"] }
[rules."*"]
names = 5
bandwidth = "1MB"
[rules."Evil.example"]
banned = true
domain_rate = 20
[rules."Romeo@montague.example"]
registers = false
[admin]
listen = "127.0.0.1:8081"
jids = ["Romeo@montague.example"]
[timeouts]
header = "1s"
body = "2s"
response = "3m"
idle = "4h"
drain = "500ms"
[limits]
uri = "1KiB"
headers = "2KiB"
header_count = 3
body = "5MB"
connections = 6
connections_per_client = 7
streams = 0
transactions_per_peer = 8
websockets_per_peer = 9
transactions_per_client = 10
rate_per_client = 11
buffer = "128KiB"
[log]
level = "debug"
format = "json"
[dns]
servers = ["127.0.0.1:5353", "::1"]
)");
    for (std::string const& error : r.found.errors) MESSAGE(error);
    REQUIRE(r.settings.has_value());
    auto const& s = *r.settings;
    CHECK(s.component.domain == "http.example.org");
    CHECK(s.component.host == "::1");
    CHECK(s.component.port == 5348);
    CHECK(s.http.listen == std::vector<std::string>{"0.0.0.0:80", "[::]:80", "unix:/run/x.sock"});
    CHECK(s.http.base_url == "https://http.example.org");
    CHECK(s.http.trusted_proxies == std::vector<std::string>{"127.0.0.1", "10.0.0.0/8", "unix"});
    CHECK(s.sites.addressing == gateway::addressing::both);
    CHECK(s.sites.registry == "sqlite:/var/lib/x.db");
    gateway::site listed{"a-1", "juliet@capulet.example", true};
    listed.seen_by = gateway::visibility::listed;
    listed.guests = {"abbey.example", "nurse@capulet.example"};
    CHECK(s.sites.fixed == std::vector<gateway::site>{listed, {"romeo", "romeo@montague.example", true}});
    using gateway::policy, gateway::policy_key;
    CHECK(s.sites.rules == std::vector<policy>{{"*", policy_key::bandwidth, 1'000'000, true},
                                               {"*", policy_key::names, 5, true},
                                               {"evil.example", policy_key::banned, 1, true},
                                               {"evil.example", policy_key::domain_rate, 20, true},
                                               {"romeo@montague.example", policy_key::registers, 0, true}});
    CHECK(s.admin.listen == "127.0.0.1:8081");
    CHECK(s.admin.jids == std::vector<std::string>{"romeo@montague.example"});
    CHECK(s.sites.directory);
    CHECK(s.timeouts.header == milliseconds{1'000});
    CHECK(s.timeouts.body == milliseconds{2'000});
    CHECK(s.timeouts.response == milliseconds{180'000});
    CHECK(s.timeouts.idle == milliseconds{14'400'000});
    CHECK(s.timeouts.drain == milliseconds{500});
    CHECK(s.limits.uri == 1024);
    CHECK(s.limits.headers == 2048);
    CHECK(s.limits.header_count == 3);
    CHECK(s.limits.body == 5'000'000);
    CHECK(s.limits.connections == 6);
    CHECK(s.limits.connections_per_client == 7);
    CHECK(s.limits.streams == 0);
    CHECK(s.limits.transactions_per_peer == 8);
    CHECK(s.limits.websockets_per_peer == 9);
    CHECK(s.limits.transactions_per_client == 10);
    CHECK(s.limits.rate_per_client == 11);
    CHECK(s.limits.buffer == 131'072);
    CHECK(s.log.level == base::log_level::debug);
    CHECK(s.log.format == base::log_format::json);
    CHECK(s.dns_servers == std::vector<std::string>{"127.0.0.1:5353", "::1"});
}

TEST_CASE("wrong values are told with file, line, key, what was expected and what is there") {
    auto const expect = [](const char* appended, const std::string& expected) {
        CHECK(error_of(appended) == expected);
    };
    expect(
        "[log]\nlevel = \"loud\"\n",
        R"(gateway.toml:7: key "log.level": expected "debug", "info", "warning", "error" or "off", found "loud")");
    expect("[log]\n\nformat = 5\n",
           R"(gateway.toml:8: key "log.format": expected a string, found a number)");
    expect(
        "[admin]\njids = [\"montague.example\"]\n",
        R"(gateway.toml:7: key "admin.jids": expected a JID like "romeo@montague.example", found "montague.example")");
    expect(
        "[admin]\nlisten = \"8081\"\n",
        R"(gateway.toml:7: key "admin.listen": expected an address with a port like "127.0.0.1:8080" or "[::]:80", "unix:/PATH", "systemd" or "systemd:NAME", found "8081")");
    expect(
        "[timeouts]\nidle = \"75\"\n",
        R"(gateway.toml:7: key "timeouts.idle": expected a duration above zero like "30s", "250ms", "5m" or "2h", found "75")");
    expect(
        "[timeouts]\nbody = \"0\"\n",
        R"(gateway.toml:7: key "timeouts.body": expected a duration above zero like "30s", "250ms", "5m" or "2h", found "0")");
    expect("[timeouts]\nbody = 30\n",
           R"(gateway.toml:7: key "timeouts.body": expected a string, found a number)");
    expect(
        "[limits]\nuri = \"64kb\"\n",
        R"(gateway.toml:7: key "limits.uri": expected a size like "64KiB", "1MiB" or "512", found "64kb")");
    expect(
        "[limits]\nbuffer = \"1KiB\"\n",
        R"(gateway.toml:7: key "limits.buffer": expected a size from 65536 to 1073741824 bytes, found "1KiB")");
    expect(
        "[limits]\nconnections = 0\n",
        R"(gateway.toml:7: key "limits.connections": expected a whole number from 1 to 1000000000, found 0)");
    expect(
        "[limits]\nrate_per_client = -1\n",
        R"(gateway.toml:7: key "limits.rate_per_client": expected a whole number from 0 to 1000000000, found -1)");
    expect("[limits]\nconnections = \"many\"\n",
           R"(gateway.toml:7: key "limits.connections": expected a whole number, found "many")");
    expect("[dns]\nservers = \"127.0.0.1\"\n",
           R"(gateway.toml:7: key "dns.servers": expected a list of strings, found "127.0.0.1")");
    expect(
        "[dns]\nservers = [\n\"127.0.0.1\",\n\"ns.example\"]\n",
        R"(gateway.toml:9: key "dns.servers": expected an IP address like "127.0.0.1" or "127.0.0.1:5353", found "ns.example")");
    expect("[dns]\nservers = [1]\n",
           R"(gateway.toml:7: key "dns.servers": expected a list of strings, found a number in it)");
    expect(
        "trusted_proxies = [\"proxy.example\"]\n",
        R"(gateway.toml:6: key "http.trusted_proxies": expected an IP address, a network like "10.0.0.0/8", or "unix", found "proxy.example")");
    expect("listen = []\n",
           R"(gateway.toml:6: key "http.listen": expected one address or more, found an empty list)");
    expect(
        "listen = [\"127.0.0.1:80\", \"localhost:80\"]\n",
        R"(gateway.toml:6: key "http.listen": expected an address with a port like "127.0.0.1:8080" or "[::]:80", "unix:/PATH", "systemd" or "systemd:NAME", found "localhost:80")");
    expect(
        "[sites]\naddressing = \"port\"\n",
        R"(gateway.toml:7: key "sites.addressing": expected "host", "path" or "both", found "port")");
    expect("[sites]\nregistry = \"/var/lib/x.db\"\n",
           R"(gateway.toml:7: key "sites.registry": expected "sqlite:/PATH" or "postgresql://HOST/DATABASE", found "/var/lib/x.db")");
    expect(
        "[sites.static]\nromeo = \"montague.example\"\n",
        R"(gateway.toml:7: key "sites.static.romeo": expected a JID like "romeo@montague.example", found "montague.example")");
    expect(
        "[sites.static]\nromeo = \"romeo@montague.example/pda\"\n",
        R"(gateway.toml:7: key "sites.static.romeo": expected a JID like "romeo@montague.example", found "romeo@montague.example/pda")");
    expect("[sites.static]\nromeo = 1\n",
           R"(gateway.toml:7: key "sites.static.romeo": expected a string, found a number)");
    expect("[sites.static.romeo]\nvisibility = \"public\"\n",
           R"(gateway.toml:6: key "sites.static.romeo.owner": expected a JID like "romeo@montague.example", found nothing: this key is required)");
    expect("[sites.static.romeo]\nowner = \"romeo@montague.example\"\nvisibility = \"secret\"\n",
           R"(gateway.toml:8: key "sites.static.romeo.visibility": expected "public", "roster" or "listed", found "secret")");
    expect("[sites.static.romeo]\nowner = \"romeo@montague.example\"\nguests = [\"a b\"]\n",
           R"(gateway.toml:8: key "sites.static.romeo.guests": expected a JID like "romeo@montague.example", or a domain, found "a b")");
    expect("[sites.static.romeo]\nowner = \"romeo@montague.example\"\ncolour = \"red\"\n",
           R"(gateway.toml:8: key "sites.static.romeo.colour": unknown key; expected guests, hosts, owner or visibility, found "colour")");
    expect(
        "[sites.static]\nRomeo = \"romeo@montague.example\"\n",
        R"(gateway.toml:7: key "sites.static.Romeo": expected a site name (1 to 63 of a-z, 0-9 and -, none at the ends) as the key)");
}

TEST_CASE("rules that are none are told with their line") {
    CHECK(error_of("[rules.\"a b\"]\nnames = 1\n") ==
          R"(gateway.toml:6: key "rules.a b": expected a JID like "romeo@montague.example", a domain, or "*" for everybody)");
    CHECK(error_of("[rules.\"example.net\"]\nbans = true\n") ==
          R"(gateway.toml:7: key "rules."example.net".bans": there is no such rule; expected one of banned, registers, visits, names, transactions, rate, bandwidth, domain_names, domain_transactions, domain_rate, domain_bandwidth)");
    CHECK(error_of("[rules.\"romeo@example.net\"]\ndomain_names = 1\n") ==
          R"(gateway.toml:7: key "rules."romeo@example.net".domain_names": this is a limit that all JIDs of a domain share: expected a domain, or "*")");
    CHECK(error_of("[rules.\"example.net\"]\nbanned = 1\n") ==
          R"(gateway.toml:7: key "rules."example.net".banned": expected true or false, found 1)");
    CHECK(error_of("[rules.\"example.net\"]\nnames = -1\n") ==
          R"(gateway.toml:7: key "rules."example.net".names": expected a whole number, 0 or more, found -1)");
    CHECK(error_of("[rules.\"example.net\"]\nbandwidth = \"fast\"\n") ==
          R"(gateway.toml:7: key "rules."example.net".bandwidth": expected bytes a second, like "1MB" or "256KiB", found "fast")");
    CHECK(error_of("[rules]\n\"example.net\" = 1\n") ==
          R"(gateway.toml:7: key "rules."example.net"": expected a table, found a number)");
}

TEST_CASE("keys that nobody knows are told with those that are known there") {
    CHECK(
        error_of("[admin]\nlitsen = \"127.0.0.1:1\"\n") ==
        R"(gateway.toml:7: key "admin.litsen": unknown key; expected jids or listen, found "litsen")");
    CHECK(
        error_of("[amdin]\nlisten = \"127.0.0.1:1\"\n") ==
        R"(gateway.toml:6: key "amdin": unknown key; expected admin, component, dns, http, limits, log, rules, sites or timeouts, found "amdin")");
    CHECK(read("admin = 5\n" + std::string(enough)).found.errors ==
          std::vector<std::string>{R"(gateway.toml:1: key "admin": expected a table, found a number)"});
}

TEST_CASE("what this version does not build is refused, not ignored") {
    for (auto const closed : {"\"closed\"", "[\"closed\"]", "[]"})
        CHECK(read(std::string(enough) + "[sites]\nregistration = " + closed + "\n")
                  .settings.has_value());
}

TEST_CASE("who may bind names") {
    auto const rules = [](std::string const& lines) {
        auto const r = read(std::string(enough) + "[sites]\nregistry = \"sqlite:/x.db\"\n" + lines);
        for (std::string const& error : r.found.errors) MESSAGE(error);
        REQUIRE(r.settings.has_value());
        return r.settings->sites.registration;
    };
    using who = std::vector<std::string>;
    CHECK(rules("").who == who{"example.org"});
    CHECK(rules("local_domains = [\"A.example\", \"b.example\"]\n").who == who{"a.example", "b.example"});
    CHECK(rules("registration = \"closed\"\n").who.empty());
    CHECK(rules("registration = \"open\"\n").is_for_anybody);
    CHECK(rules("registration = [\"local\", \"C.example\", \"Romeo@d.example\"]\n").who ==
          who{"example.org", "c.example", "romeo@d.example"});
    CHECK(rules("reserved = [\"verona\"]\n[limits]\nnames_per_owner = 3\n").reserved == who{"verona"});
    CHECK(rules("[limits]\nnames_per_owner = 3\n").names_per_owner == 3);
    CHECK(read(std::string(enough)).settings->sites.registration.who == who{"example.org"});
}

TEST_CASE("words that do not say who may bind names") {
    auto const wrong = [](std::string const& line) { return error_of("[sites]\nregistry = \"sqlite:/x.db\"\n" + line + "\n"); };
    CHECK(wrong("registration = [\"everyone\"]").starts_with(R"(gateway.toml:8: key "sites.registration": expected "closed" alone)"));
    CHECK(wrong("registration = [\"closed\", \"local\"]").starts_with(R"(gateway.toml:8: key "sites.registration")"));
    CHECK(wrong("registration = [\"a b.example\"]").starts_with(R"(gateway.toml:8: key "sites.registration")"));
    CHECK(wrong("local_domains = [\"a b\"]").starts_with(R"(gateway.toml:8: key "sites.local_domains")"));
    CHECK(wrong("reserved = [\"A_b\"]").starts_with(R"(gateway.toml:8: key "sites.reserved")"));
    CHECK(error_of("[sites]\nregistration = [\"local\"]\n").starts_with(R"(gateway.toml:7: key "sites.registration": names that people bind need a registry)"));
}

TEST_CASE("required keys are named, at the line of their table") {
    CHECK(
        read("").found.errors ==
        std::vector<std::string>{
            R"(gateway.toml:1: key "component.domain": expected the component's domain, found nothing: this key is required)",
            R"(gateway.toml:1: key "component.secret_file": expected the path of a file that holds the secret, found nothing: this key is required)",
            R"(gateway.toml:1: key "http.base_url": expected a URL without a path like "https://http.example.org", found nothing: this key is required)"});
    auto const r = read("\n\n[component]\nsecret = \"s\"\n[http]\nbase_url = \"http://a.example\"\n");
    CHECK(
        r.found.errors ==
        std::vector<std::string>{
            R"(gateway.toml:3: key "component.domain": expected the component's domain, found nothing: this key is required)"});
}

TEST_CASE("all mistakes are told at once, in the order of their lines") {
    auto const r = read(R"([log]
level = "loud"
colour = true
[component]
domain = "juliet@http.example.org"
server = "localhost"
secret = ""
[http]
base_url = "http.example.org"
)");
    CHECK_FALSE(r.settings.has_value());
    CHECK(
        r.found.errors ==
        std::vector<std::string>{
            R"(gateway.toml:2: key "log.level": expected "debug", "info", "warning", "error" or "off", found "loud")",
            R"(gateway.toml:3: key "log.colour": unknown key; expected format or level, found "colour")",
            R"(gateway.toml:5: key "component.domain": expected a domain, found "juliet@http.example.org")",
            R"(gateway.toml:6: key "component.server": expected HOST:PORT, found "localhost")",
            R"(gateway.toml:7: key "component.secret": expected the component's secret, found "")",
            R"(gateway.toml:9: key "http.base_url": expected a URL without a path like "https://http.example.org", found "http.example.org")"});
}

TEST_CASE("a file that is no TOML or cannot be read is told once") {
    auto const r = read("[component\ndomain = 1\n");
    CHECK_FALSE(r.settings.has_value());
    REQUIRE(r.found.errors.size() == 1);
    CHECK(r.found.errors.front().starts_with("gateway.toml:1: "));
    auto const doubled = read("[log]\nlevel = \"info\"\nlevel = \"info\"\n");
    REQUIRE(doubled.found.errors.size() == 1);
    CHECK(doubled.found.errors.front().starts_with("gateway.toml:3: "));
    findings found;
    CHECK_FALSE(cmd::read_gateway_configuration("/nonexistent/gateway.toml", found).has_value());
    CHECK(found.errors == std::vector<std::string>{
                              "/nonexistent/gateway.toml: cannot be read: No such file or directory"});
}

TEST_CASE("sites under an IP address need path addressing") {
    constexpr auto component = "[component]\ndomain = \"a.example\"\nsecret = \"s\"\n";
    std::string const http = "[http]\nbase_url = \"http://127.0.0.1:8080\"\n";
    auto const host = read(component + http);
    REQUIRE(host.found.errors.size() == 1);
    CHECK(host.found.errors.front().starts_with(
        R"(gateway.toml:5: key "http.base_url": expected a URL with a host name)"));
    CHECK(read(component + http + "[sites]\naddressing = \"path\"\n").settings.has_value());
}

TEST_CASE("sites under paths are warned of: they share an origin") {
    constexpr auto start =
        "[component]\ndomain = \"a.example\"\nsecret = \"s\"\n[http]\nbase_url = "
        "\"http://a.example\"\n";
    for (const std::string addressing : {"path", "both"}) {
        auto const r = read(start + ("[sites]\naddressing = \"" + addressing + "\"\n"));
        REQUIRE(r.settings.has_value());
        REQUIRE(r.found.warnings.size() == 1);
        CHECK(r.found.warnings.front().starts_with(
            R"(gateway.toml:7: key "sites.addressing": sites under paths share one origin)"));
    }
    CHECK(read(std::string(start) + "[sites]\naddressing = \"host\"\n").found.warnings.empty());
}

TEST_CASE("the secret may stand in a file of its own, beside the configuration") {
    scratch_folder const folder;
    folder.write("secret", "from the file \r\n");
    std::string const toml = folder.write("gateway.toml", R"([component]
domain = "a.example"
secret_file = "secret"
[http]
base_url = "http://a.example"
)");
    findings found;
    auto const settings = cmd::read_gateway_configuration(toml, found);
    REQUIRE(settings.has_value());
    CHECK(settings->component.secret == "from the file");
    CHECK(found.warnings.empty());

    using std::filesystem::perms;
    std::filesystem::permissions(folder.path("secret"), perms::owner_read | perms::others_read);
    CHECK(cmd::read_gateway_configuration(toml, found).has_value());
    CHECK(found.warnings == std::vector<std::string>{
                                toml + R"(:3: key "component.secret_file": )" + folder.path("secret") +
                                " can be read by every user of this machine; run: chmod o-r '" +
                                folder.path("secret") + "'"});

    for (auto const& [content, problem] :
         {std::pair{"", "is empty"}, {"\n", "is empty"}, {"a\nb\n", "has more than one line"}}) {
        folder.write("secret", content);
        findings bad;
        CHECK_FALSE(cmd::read_gateway_configuration(toml, bad).has_value());
        REQUIRE(bad.errors.size() == 1);
        CHECK(bad.errors.front().starts_with(toml + R"(:3: key "component.secret_file": )" +
                                             folder.path("secret") + " " + problem));
    }
}

TEST_CASE("a secret comes from one place, and is never repeated in a message") {
    auto const both = read(
        "[component]\ndomain = \"a.example\"\nsecret = \"hush\"\nsecret_file = \"x\"\n"
        "[http]\nbase_url = \"http://a.example\"\n");
    CHECK(
        both.found.errors ==
        std::vector<std::string>{
            R"(gateway.toml:3: key "component.secret": expected this or component.secret_file, found both)"});
    auto const number = read(
        "[component]\ndomain = \"a.example\"\nsecret = 12345\n"
        "[http]\nbase_url = \"http://a.example\"\n");
    CHECK(number.found.errors ==
          std::vector<std::string>{
              R"(gateway.toml:3: key "component.secret": expected a string, found a number)"});
}
