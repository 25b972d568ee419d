// What never travels further than one connection.
#include <doctest/doctest.h>

#include "http/hop_by_hop.hpp"

using namespace crosstalk::http;

TEST_CASE("hop-by-hop fields and those that Connection names are removed") {
    fields headers{{"Host", "a"},
                   {"Connection", "X-Mine, keep-alive"},
                   {"connection", "\"quoted\", , x-other"},
                   {"Keep-Alive", "timeout=5"},
                   {"x-mine", "1"},
                   {"X-MINE", "2"},
                   {"X-Other", "3"},
                   {"TE", "trailers"},
                   {"Trailer", "X"},
                   {"Transfer-Encoding", "chunked"},
                   {"Upgrade", "websocket"},
                   {"HTTP2-Settings", "x"},
                   {"Proxy-Connection", "keep-alive"},
                   {"Proxy-Authorization", "x"},
                   {"X-Kept", "4"}};
    CHECK(connection_options(headers) == std::vector<std::string>{"X-Mine", "keep-alive", "x-other"});
    remove_hop_by_hop(headers);
    CHECK(headers == fields{{"Host", "a"}, {"X-Kept", "4"}});
}

TEST_CASE("Connection cannot take away what the message means") {
    const fields kept{
        {"Host", "a"}, {"Content-Length", "1"}, {"Content-Type", "x"}, {"Content-Encoding", "y"}};
    auto headers = kept;
    headers.add("Connection", "host, Content-Length, content-type, content-encoding, close");
    remove_hop_by_hop(headers);
    CHECK(headers == kept);
}

TEST_CASE("an upgrade counts when Connection names it and it is to WebSocket alone") {
    CHECK(is_websocket_upgrade({{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "WebSocket"}}));
    CHECK(!is_websocket_upgrade({{"Upgrade", "websocket"}}));
    CHECK(!is_websocket_upgrade({{"Connection", "upgrade"}}));
    CHECK(!is_websocket_upgrade({{"Connection", "upgrade"}, {"Upgrade", "h2c"}}));
    CHECK(!is_websocket_upgrade({{"Connection", "upgrade"}, {"Upgrade", "websocket, h2c"}}));
    CHECK(!is_websocket_upgrade(
        {{"Connection", "upgrade"}, {"Upgrade", "websocket"}, {"Upgrade", "h2c"}}));
}
