// Lookups against a DNS server of the test's own.
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <doctest/doctest.h>

#include <boost/asio/ip/udp.hpp>
#include <map>
#include <vector>

#include "loop.hpp"
#include "net/dial.hpp"
#include "net/error.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;
using asio::ip::udp;

namespace {

void put16(std::string& out, unsigned n) {
    out += static_cast<char>(n >> 8U);
    out += static_cast<char>(n & 255U);
}

std::string wire_name(std::string_view name) {
    std::string out;
    while (!name.empty() && name != ".") {
        const auto dot = std::min(name.find('.'), name.size());
        out += static_cast<char>(dot);
        out += name.substr(0, dot);
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return out + '\0';
}

std::string srv(unsigned priority, unsigned weight, unsigned port, std::string_view target) {
    std::string out;
    put16(out, priority);
    put16(out, weight);
    put16(out, port);
    return out + wire_name(target);
}

std::string address(const char* text) {
    std::array<char, 16> raw{};
    const bool is_v4 = ::inet_pton(AF_INET, text, raw.data()) == 1;
    if (!is_v4) REQUIRE(::inet_pton(AF_INET6, text, raw.data()) == 1);
    return {raw.data(), is_v4 ? 4U : 16U};
}

/// Answers each question from its table; names that it does not have do not exist.
class dns_server {
  public:
    explicit dns_server(asio::io_context& io)
        : socket_(io, udp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        receive();
    }

    void add(const std::string& name, int type, std::string rdata) {
        records_[{wire_name(name), type}].push_back(std::move(rdata));
    }
    void fail_with(unsigned rcode) { rcode_ = rcode; }
    void fall_silent() { is_silent_ = true; }

    [[nodiscard]] std::vector<std::string> where() const {
        return {"127.0.0.1:" + std::to_string(socket_.local_endpoint().port())};
    }

  private:
    void receive() {
        socket_.async_receive_from(asio::buffer(packet_), from_,
                                   [this](const error_code& ec, std::size_t size) {
                                       if (ec) return;
                                       if (!is_silent_) answer(std::string_view(packet_.data(), size));
                                       receive();
                                   });
    }

    void answer(std::string_view query) {
        const auto name_end = query.find('\0', 12) + 1;
        const std::string name(query.substr(12, name_end - 12));
        const int type = static_cast<unsigned char>(query[name_end + 1]);
        const auto found = records_.find({name, type});
        const bool is_known =
            std::ranges::any_of(records_, [&](const auto& r) { return r.first.first == name; });
        const std::size_t count = found == records_.end() ? 0 : found->second.size();
        std::string out(query.substr(0, 2));
        constexpr unsigned no_such_name = 3;
        const unsigned rcode = rcode_ == 0 && !is_known ? no_such_name : rcode_;
        put16(out, 0x8180U | rcode);
        put16(out, 1);
        put16(out, static_cast<unsigned>(count));
        put16(out, 0);
        put16(out, 0);
        out += query.substr(12, name_end + 4 - 12);
        for (std::size_t i = 0; i < count; ++i) {
            put16(out, 0xc00c);
            put16(out, static_cast<unsigned>(type));
            put16(out, 1);
            out += std::string("\0\0\0\x3c", 4);
            put16(out, static_cast<unsigned>(found->second[i].size()));
            out += found->second[i];
        }
        socket_.send_to(asio::buffer(out), from_);
    }

    udp::socket socket_;
    udp::endpoint from_;
    std::array<char, 1500> packet_{};
    std::map<std::pair<std::string, int>, std::vector<std::string>> records_;
    unsigned rcode_ = 0;
    bool is_silent_ = false;
};

std::string written(const std::vector<resolver::srv_record>& records) {
    std::string out;
    for (const auto& r : records)
        out += r.target + ":" + std::to_string(r.port) + (r.direct_tls ? " direct\n" : "\n");
    return out;
}

}  // namespace

TEST_CASE("both kinds of XMPP servers come in one order") {
    asio::io_context io;
    dns_server dns(io);
    dns.add("_xmpp-client._tcp.example.org", ns_t_srv, srv(20, 0, 5222, "second.example.org"));
    dns.add("_xmpp-client._tcp.example.org", ns_t_srv, srv(5, 0, 5222, "first.example.org"));
    dns.add("_xmpps-client._tcp.example.org", ns_t_srv, srv(10, 0, 5223, "direct.example.org"));
    resolver names(io.get_executor(), dns.where());
    const auto found = run(io, names.xmpp_client("example.org"));
    REQUIRE(found.has_value());
    CHECK(written(*found) ==
          "first.example.org:5222\ndirect.example.org:5223 direct\nsecond.example.org:5222\n");
}

TEST_CASE("a domain without records has none, and that is no error") {
    asio::io_context io;
    dns_server dns(io);
    resolver names(io.get_executor(), dns.where());
    const auto found = run(io, names.xmpp_client("example.org"));
    REQUIRE(found.has_value());
    CHECK(found->empty());
}

TEST_CASE("a target of \".\" says that the service is not there") {
    asio::io_context io;
    dns_server dns(io);
    dns.add("_xmpp-client._tcp.none.example", ns_t_srv, srv(0, 0, 0, "."));
    dns.add("_xmpp-client._tcp.direct.example", ns_t_srv, srv(0, 0, 0, "."));
    dns.add("_xmpps-client._tcp.direct.example", ns_t_srv, srv(0, 0, 443, "x.example"));
    dns.add("_xmpp-client._tcp.plain.example", ns_t_srv, srv(0, 0, 5222, "y.example"));
    dns.add("_xmpps-client._tcp.plain.example", ns_t_srv, srv(0, 0, 0, "."));
    resolver names(io.get_executor(), dns.where());
    CHECK(run(io, names.xmpp_client("none.example")).error() == errc::service_not_offered);
    CHECK(written(run(io, names.xmpp_client("direct.example")).value()) == "x.example:443 direct\n");
    CHECK(written(run(io, names.xmpp_client("plain.example")).value()) == "y.example:5222\n");
}

TEST_CASE("a name's addresses of both families are found") {
    asio::io_context io;
    dns_server dns(io);
    dns.add("host.example", ns_t_a, address("192.0.2.1"));
    dns.add("host.example", ns_t_a, address("192.0.2.2"));
    dns.add("host.example", ns_t_aaaa, address("2001:db8::1"));
    resolver names(io.get_executor(), dns.where());
    auto found = run(io, names.addresses("host.example")).value();
    std::ranges::sort(found);
    CHECK(found == std::vector<std::string>{"192.0.2.1", "192.0.2.2", "2001:db8::1"});
}

TEST_CASE("a name that does not exist is not found") {
    asio::io_context io;
    dns_server dns(io);
    resolver names(io.get_executor(), dns.where());
    CHECK(run(io, names.addresses("nobody.example")).error() == errc::name_not_found);
}

TEST_CASE("a server that fails is not taken for an answer") {
    asio::io_context io;
    dns_server dns(io);
    dns.fail_with(2);
    resolver names(io.get_executor(), dns.where());
    CHECK(run(io, names.addresses("host.example")).error() == errc::lookup_failed);
    CHECK(run(io, names.xmpp_client("example.org")).error() == errc::lookup_failed);
}

TEST_CASE("a DNS server that is not there is an error") {
    asio::io_context io;
    std::vector<std::string> where;
    {
        const dns_server gone(io);
        where = gone.where();
    }
    resolver names(io.get_executor(), where);
    CHECK(run(io, names.addresses("host.example")).error() == errc::lookup_failed);
}

TEST_CASE("a lookup can be cancelled while the server is silent") {
    asio::io_context io;
    dns_server dns(io);
    dns.fall_silent();
    resolver names(io.get_executor(), dns.where());
    task_group group(io.get_executor());
    group.spawn([](resolver& n) -> awaitable<void> {
        const auto found = co_await n.xmpp_client("example.org");
        CHECK(found.has_error());
    }(names));
    io.poll();
    CHECK(group.size() == 1);
    group.cancel();
    io.poll();
    CHECK(group.size() == 0);
}

TEST_CASE("a DNS server that is not written as an address is refused") {
    asio::io_context io;
    resolver names(io.get_executor(), {"not an address"});
    CHECK(run(io, names.addresses("host.example")).error() == errc::bad_dns_server);
    CHECK(run(io, names.xmpp_client("example.org")).error() == errc::bad_dns_server);
}

TEST_CASE("addresses and localhost need no server") {
    asio::io_context io;
    dns_server dns(io);
    dns.fall_silent();
    resolver names(io.get_executor(), dns.where());
    using list = std::vector<std::string>;
    CHECK(run(io, names.addresses("192.0.2.7")).value() == list{"192.0.2.7"});
    CHECK(run(io, names.addresses("2001:db8::7")).value() == list{"2001:db8::7"});
    CHECK(run(io, names.addresses("localhost")).value() == list{"127.0.0.1", "::1"});
    CHECK(run(io, names.addresses("app.localhost")).value() == list{"127.0.0.1", "::1"});
    CHECK(run(io, names.xmpp_client("localhost")).value().empty());
    CHECK(run(io, names.xmpp_client("127.0.0.1")).value().empty());
}

TEST_CASE("texts come with their pieces joined, and none is no error") {
    asio::io_context io;
    dns_server dns(io);
    dns.add("_crosstalk.www.example.net", ns_t_txt, std::string("\x05") + "first" + "\x07" + " second");
    dns.add("_crosstalk.www.example.net", ns_t_txt, std::string("\x05") + "other");
    dns.add("bare.example.net", ns_t_a, address("127.0.0.1"));
    resolver names(io.get_executor(), dns.where());
    auto found = run(io, names.texts("_crosstalk.www.example.net"));
    REQUIRE(found.has_value());
    std::ranges::sort(*found);
    CHECK(*found == std::vector<std::string>{"first second", "other"});
    CHECK(run(io, names.texts("bare.example.net")).value().empty());
    CHECK(run(io, names.texts("nobody.example.net")).value().empty());
    dns.fail_with(2);
    CHECK(run(io, names.texts("_crosstalk.www.example.net")).error() == errc::lookup_failed);
}
