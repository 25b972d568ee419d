// Fuzzes the PROXY header: bounded, the same however it comes in pieces, and blind for what is behind
// it.
#include "http/proxy_header.hpp"

#include <cstdlib>

namespace {

using namespace crosstalk::http;
using kind = proxy_header::kind;

void require(bool promise) {
    if (!promise) std::abort();
}

/// Once something is known it stays so, whatever comes.
void check_pieces(std::string_view bytes, std::size_t step) {
    for (std::size_t size = 0; size < bytes.size(); size += step) {
        const auto early = read_proxy_header(bytes.substr(0, size));
        if (early && early->what == kind::incomplete) continue;
        const auto late = read_proxy_header(bytes);
        require(early.has_value() == late.has_value());
        require(!early || *early == *late);
        return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t length) {
    const std::string_view bytes(reinterpret_cast<const char*>(input), length);
    const auto read = read_proxy_header(bytes);
    check_pieces(bytes, 1 + bytes.size() / 256);
    if (!read) return 0;
    require(read->what != kind::incomplete || bytes.size() < proxy_header_most);
    require(read->what == kind::complete || (read->size == 0 && !read->client));
    if (read->what != kind::complete) return 0;
    require(read->size <= bytes.size() && read->size <= proxy_header_most);
    require(*read_proxy_header(bytes.substr(0, read->size)) == *read);
    const auto shorter = read_proxy_header(bytes.substr(0, read->size - 1));
    require(shorter && shorter->what == kind::incomplete);
    return 0;
}
