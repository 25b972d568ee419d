// [http.tls] of gateway.toml: what is wrong is told at the key that can mend it.
#include <doctest/doctest.h>

#include "../net/certificate.hpp"
#include "cmd/configuration.hpp"
#include "scratch_folder.hpp"

using namespace crosstalk;
using cmd::findings;
using net::test::certificate;

namespace {

constexpr auto plain = R"([component]
domain = "http.example.org"
secret = "s3cret"
[http]
base_url = "https://http.example.org"
)";
constexpr auto tls = R"([http.tls]
listen = ["0.0.0.0:443", "[::]:443"]
certificate = "chain.pem"
key = "key.pem"
)";

const certificate& own() {
    static const certificate made("DNS:http.example.org");
    return made;
}

/// A folder with a configuration, a certificate and its key.
struct set_up {
    explicit set_up(const std::string& more = tls) {
        folder.write("chain.pem", own().pem());
        folder.write("key.pem", own().key_pem());
        folder.write("gateway.toml", plain + more);
    }
    std::optional<gateway::settings> read() {
        found = {};
        return cmd::read_gateway_configuration(folder.path("gateway.toml"), found);
    }
    /// The only error, with the folder's name left out.
    std::string error() {
        CHECK_FALSE(read().has_value());
        REQUIRE(found.errors.size() == 1);
        std::string text = found.errors.front();
        for (auto at = text.find(folder.path() + "/"); at != std::string::npos;
             at = text.find(folder.path() + "/"))
            text.erase(at, folder.path().size() + 1);
        return text;
    }
    scratch_folder folder;
    findings found;
};

}  // namespace

TEST_CASE("listeners, certificate and key of [http.tls] are read, files beside the configuration") {
    set_up with;
    auto const settings = with.read();
    REQUIRE(settings.has_value());
    CHECK(settings->http.tls.listen == std::vector<std::string>{"0.0.0.0:443", "[::]:443"});
    CHECK(settings->http.tls.pairs ==
          std::vector<gateway::tls_settings::pair>{{own().pem(), own().key_pem()}});
    CHECK(with.found.warnings.empty());
}

TEST_CASE("without [http.tls] there is no TLS, and with it nothing else need listen") {
    auto const without = set_up("").read();
    REQUIRE(without.has_value());
    CHECK(without->http.tls == gateway::tls_settings{});
    auto const alone = set_up(std::string("listen = []\n") + tls).read();
    REQUIRE(alone.has_value());
    CHECK(alone->http.listen.empty());
    CHECK(set_up("listen = []\n").error() ==
          R"(gateway.toml:6: key "http.listen": expected one address or more, found an empty list)");
}

TEST_CASE("there may be several certificates, each with its key") {
    certificate const other("DNS:other.example");
    auto const several = [](const char* keys) {
        return std::string(
                   "[http.tls]\nlisten = [\"[::]:443\"]\ncertificate = [\"chain.pem\", "
                   "\"other.pem\"]\n") +
               "key = " + keys + '\n';
    };
    set_up with(several("[\"key.pem\", \"other-key.pem\"]"));
    with.folder.write("other.pem", other.pem());
    with.folder.write("other-key.pem", other.key_pem());
    auto const settings = with.read();
    REQUIRE(settings.has_value());
    REQUIRE(settings->http.tls.pairs.size() == 2);
    CHECK(settings->http.tls.pairs[1].certificate == other.pem());

    with.folder.write("gateway.toml", plain + several("[\"other-key.pem\", \"key.pem\"]"));
    CHECK_FALSE(with.read().has_value());
    REQUIRE(with.found.errors.size() == 2);
    CHECK(with.found.errors[1].find("key.pem does not belong to the first certificate in") !=
          std::string::npos);
    with.folder.write("gateway.toml", plain + several("\"key.pem\""));
    CHECK(with.error() ==
          R"(gateway.toml:9: key "http.tls.key": expected 2, one for each certificate, found 1)");
}

TEST_CASE("a certificate may be a chain") {
    certificate const authority("DNS:authority.example");
    set_up with;
    with.folder.write("chain.pem", own().pem() + authority.pem());
    CHECK(with.read().has_value());
}

TEST_CASE("a table of TLS that is not whole is told, key by key") {
    set_up with("[http.tls]\n");
    CHECK_FALSE(with.read().has_value());
    std::string const place = with.folder.path("gateway.toml") + ":6: key \"http.tls.";
    REQUIRE(with.found.errors.size() == 3);
    CHECK(with.found.errors[0].starts_with(place + "listen\": expected a list of addresses"));
    CHECK(with.found.errors[1].starts_with(place + "certificate\": expected the path of a PEM file"));
    CHECK(with.found.errors[2].starts_with(place + "key\": expected the path of a PEM file"));
}

TEST_CASE("wrong values and unknown keys of [http.tls] are told") {
    CHECK(
        set_up(std::string(tls) + "cert = \"a\"\n").error() ==
        R"(gateway.toml:10: key "http.tls.cert": unknown key; expected certificate, key or listen, found "cert")");
    std::string const files = "certificate = \"chain.pem\"\nkey = \"key.pem\"\n";
    CHECK(
        set_up("[http.tls]\nlisten = []\n" + files).error() ==
        R"(gateway.toml:7: key "http.tls.listen": expected one address or more, found an empty list)");
    CHECK(
        set_up("[http.tls]\nlisten = [\"443\"]\n" + files).error() ==
        R"(gateway.toml:7: key "http.tls.listen": expected an address with a port like "127.0.0.1:8080" or "[::]:80", "unix:/PATH", "systemd" or "systemd:NAME", found "443")");
    CHECK(set_up("[http.tls]\nlisten = [\"[::]:443\"]\nkey = \"key.pem\"\ncertificate = 5\n").error() ==
          R"(gateway.toml:9: key "http.tls.certificate": expected a list of strings, found 5)");
}

TEST_CASE("files that are missing or empty are told") {
    set_up with;
    with.folder.write("chain.pem", "");
    CHECK(with.error() == R"(gateway.toml:8: key "http.tls.certificate": chain.pem is empty)");
    std::filesystem::remove(with.folder.path("chain.pem"));
    CHECK(
        with.error() ==
        R"(gateway.toml:8: key "http.tls.certificate": chain.pem cannot be read: No such file or directory)");
    with.folder.write("chain.pem", own().pem());
    with.folder.write("key.pem", "");
    CHECK(with.error() == R"(gateway.toml:9: key "http.tls.key": key.pem is empty)");
}

TEST_CASE("a certificate and a key that cannot serve are told") {
    set_up with;
    with.folder.write("key.pem", own().key_pem("hush"));
    CHECK(with.error().starts_with(
        R"(gateway.toml:9: key "http.tls.key": key.pem is encrypted; write it without a passphrase)"));
    with.folder.write("key.pem", certificate("DNS:other.example").key_pem());
    CHECK(
        with.error() ==
        R"(gateway.toml:9: key "http.tls.key": key.pem does not belong to the first certificate in chain.pem; that has to be the server's own)");
    with.folder.write("key.pem", own().pem());
    CHECK(with.error() ==
          R"(gateway.toml:9: key "http.tls.key": key.pem holds no private key in PEM form)");
    with.folder.write("chain.pem", own().key_pem());
    CHECK(
        with.error() ==
        R"(gateway.toml:8: key "http.tls.certificate": chain.pem cannot be used: no usable certificate in PEM form)");
}

TEST_CASE("a key that every user can read is warned of") {
    set_up with;
    using std::filesystem::perms;
    std::filesystem::permissions(with.folder.path("key.pem"), perms::owner_read | perms::others_read);
    CHECK(with.read().has_value());
    REQUIRE(with.found.warnings.size() == 1);
    CHECK(with.found.warnings.front().starts_with(
        with.folder.path("gateway.toml") + R"(:9: key "http.tls.key": )" + with.folder.path("key.pem") +
        " can be read by every"));
}
