// The texts of this room's errors, and the statuses that they become.
#include "http/error.hpp"

#include <array>
#include <string>

namespace crosstalk::http {

namespace {

struct meaning {
    errc error;
    const char* text;
};

// In the order of errc, whose numbers start with 1: the number finds the text.
constexpr auto meanings = std::to_array<meaning>({
    {errc::bad_request_line, "the request line is not METHOD TARGET HTTP/1.1"},
    {errc::bad_method, "the method is not a token"},
    {errc::method_too_long, "the method is longer than any that exists"},
    {errc::bad_target, "the request target has forbidden bytes or the wrong form"},
    {errc::uri_too_long, "the request target is over the limit"},
    {errc::unsupported_version, "the version is neither HTTP/1.0 nor HTTP/1.1"},
    {errc::bad_status_line, "the status line is not HTTP/1.1 STATUS REASON"},
    {errc::bad_line_end, "a CR or LF stands alone; lines end in both"},
    {errc::bad_field_name, "a header line has no valid name before a colon"},
    {errc::space_before_colon, "white space stands between a header name and its colon"},
    {errc::bad_field_value, "a header value holds a control character"},
    {errc::obsolete_folding, "a header value goes on in a second line"},
    {errc::head_too_large, "the headers are over the limit"},
    {errc::too_many_fields, "there are more headers than allowed"},
    {errc::missing_host, "the Host header is missing"},
    {errc::bad_host, "the Host header is not a host with an optional port"},
    {errc::doubled_field, "a header that may come once came twice"},
    {errc::bad_content_length, "Content-Length is not one decimal number"},
    {errc::ambiguous_length, "Content-Length came with Transfer-Encoding"},
    {errc::bad_transfer_encoding, "Transfer-Encoding is not exactly one 'chunked' in HTTP/1.1"},
    {errc::unknown_transfer_coding, "the transfer coding is not 'chunked'"},
    {errc::bad_chunk, "a chunk of the body is malformed"},
    {errc::chunk_overhead, "the chunk extensions are over the limit"},
    {errc::unexpected_response, "bytes came that belong to no response"},
    {errc::too_many_interim_responses, "interim responses came without end"},
    {errc::truncated, "the connection ended inside a message"},
    {errc::bad_proxy_header, "what begins like a PROXY header is malformed"},
    {errc::closed, "the connection ended between messages"},
    {errc::unknown_protocol, "CONNECT asks for a protocol other than 'websocket'"},
    {errc::http2_broken, "the bytes are not HTTP/2"},
});

constexpr bool is_complete() {
    for (std::size_t i = 0; i < meanings.size(); ++i) {
        if (static_cast<std::size_t>(meanings[i].error) != i + 1) return false;
    }
    return meanings.back().error == errc::http2_broken;
}
static_assert(is_complete());

const char* text_of(int value) noexcept {
    const bool is_known = value >= 1 && static_cast<std::size_t>(value) <= meanings.size();
    return is_known ? meanings[static_cast<std::size_t>(value) - 1].text : "unknown HTTP error";
}

class http_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.http"; }
    std::string message(int value) const override { return text_of(value); }
};

const http_category& category() noexcept {
    static const http_category instance;
    return instance;
}

}  // namespace

error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

unsigned status_of(error_code e) noexcept {
    if (e.category() != category()) return 500;
    switch (static_cast<errc>(e.value())) {
        case errc::uri_too_long:
            return 414;
        case errc::head_too_large:
        case errc::too_many_fields:
            return 431;
        case errc::method_too_long:
        case errc::unknown_transfer_coding:
        case errc::unknown_protocol:
            return 501;
        case errc::unsupported_version:
            return 505;
        default:
            return 400;
    }
}

}  // namespace crosstalk::http
