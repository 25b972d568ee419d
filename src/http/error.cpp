// The texts of this room's errors, and the statuses that they become.
#include "http/error.hpp"

#include <string>

namespace crosstalk::http {

namespace {

const char* text_of(errc e) noexcept {
    switch (e) {
        case errc::bad_request_line:
            return "the request line is not METHOD TARGET HTTP/1.1";
        case errc::bad_method:
            return "the method is not a token";
        case errc::method_too_long:
            return "the method is longer than any that exists";
        case errc::bad_target:
            return "the request target has forbidden bytes or the wrong form";
        case errc::uri_too_long:
            return "the request target is over the limit";
        case errc::unsupported_version:
            return "the version is neither HTTP/1.0 nor HTTP/1.1";
        case errc::bad_status_line:
            return "the status line is not HTTP/1.1 STATUS REASON";
        case errc::bad_line_end:
            return "a CR or LF stands alone; lines end in both";
        case errc::bad_field_name:
            return "a header line has no valid name before a colon";
        case errc::space_before_colon:
            return "white space stands between a header name and its colon";
        case errc::bad_field_value:
            return "a header value holds a control character";
        case errc::obsolete_folding:
            return "a header value goes on in a second line";
        case errc::head_too_large:
            return "the headers are over the limit";
        case errc::too_many_fields:
            return "there are more headers than allowed";
        case errc::missing_host:
            return "the Host header is missing";
        case errc::bad_host:
            return "the Host header is not a host with an optional port";
        case errc::doubled_field:
            return "a header that may come once came twice";
        case errc::bad_content_length:
            return "Content-Length is not one decimal number";
        case errc::ambiguous_length:
            return "Content-Length came with Transfer-Encoding";
        case errc::bad_transfer_encoding:
            return "Transfer-Encoding is not exactly one 'chunked' in HTTP/1.1";
        case errc::unknown_transfer_coding:
            return "the transfer coding is not 'chunked'";
        case errc::bad_chunk:
            return "a chunk of the body is malformed";
        case errc::chunk_overhead:
            return "the chunk extensions are over the limit";
        case errc::unexpected_response:
            return "bytes came that belong to no response";
        case errc::too_many_interim_responses:
            return "interim responses came without end";
        case errc::truncated:
            return "the connection ended inside a message";
        case errc::closed:
            return "the connection ended between messages";
    }
    return "unknown HTTP error";
}

class http_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.http"; }
    std::string message(int value) const override { return text_of(static_cast<errc>(value)); }
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
            return 501;
        case errc::unsupported_version:
            return 505;
        default:
            return 400;
    }
}

}  // namespace crosstalk::http
