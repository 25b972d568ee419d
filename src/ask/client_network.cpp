// See client_network.hpp.
#include "ask/client_network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace crosstalk::ask {

std::string client_network(std::string_view address) {
    const std::string text(address.substr(0, address.find('%')));  // without its zone
    in6_addr v6{};
    if (inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
    std::array<char, INET6_ADDRSTRLEN> written{};
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        inet_ntop(AF_INET, &v6.s6_addr[12], written.data(), written.size());
        return written.data();
    }
    std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), std::uint8_t{0});
    inet_ntop(AF_INET6, &v6, written.data(), written.size());
    return std::string(written.data()) + "/64";
}

}  // namespace crosstalk::ask
