// See proxied.hpp.
#include "net/proxied.hpp"

#include <array>

#include "http/proxy_header.hpp"

namespace crosstalk::net {

awaitable<result<void>> accept_proxied(byte_stream& stream) {
    using kind = http::proxy_header::kind;
    std::string begun;
    std::array<char, 512> piece{};
    http::proxy_header header{kind::incomplete, 0, {}};
    while (header.what == kind::incomplete) {
        const auto space = asio::buffer(piece);
        const auto got = co_await stream.read_some(space);
        if (!got) co_return got.error();
        begun.append(piece.data(), *got);
        auto read = http::read_proxy_header(begun);
        if (!read) co_return read.error();
        header = *std::move(read);
    }
    if (header.client) stream.speak_for(std::move(header.client->address), header.client->port);
    stream.give_back(std::string_view(begun).substr(header.size));
    co_return result<void>();
}

}  // namespace crosstalk::net
