// Heads of HTTP/2 as those of HTTP/1.1, and back (RFC 9113, 8.3): whoever answers knows one form of
// request alone.
//
// Rule 1: what HTTP/1.1 would refuse is refused, with the same error: one view from end to end.
// Rule 2: an extended CONNECT for a WebSocket (RFC 8441) becomes the GET that asks for an upgrade, but
//         for its Sec-WebSocket-Key, which has to be random; its 101 becomes a 200.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/error.hpp"
#include "crosstalk/http.hpp"
#include "http/reader.hpp"

namespace crosstalk::http {

struct http2_request {
    request_head head;
    std::optional<std::uint64_t> length;  ///< what Content-Length says
    bool expects_continue = false;
    bool is_websocket = false;
};

class http2_head_reader {
  public:
    explicit http2_head_reader(reader_limits limits) noexcept : limits_(limits) {}

    /// The next field as HPACK gives it, pseudo-header fields included, names in lower case.
    void add(std::string_view name, std::string_view value);
    /// Whether so much has come that what follows is not even to be looked at.
    [[nodiscard]] bool is_flooded() const noexcept { return bytes_ > 4 * (limits_.head + limits_.uri); }
    /// Known whatever else is wrong, unless it is too long to be any.
    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    /// The head, once; errors are of errc.
    [[nodiscard]] result<http2_request> finish();

  private:
    [[nodiscard]] error_code add_field(std::string_view name, std::string_view value);
    [[nodiscard]] error_code settle_start();
    [[nodiscard]] error_code settle_host();

    reader_limits limits_;
    std::size_t bytes_ = 0, head_bytes_ = 0;
    error_code failure_;
    std::string method_, path_, authority_, protocol_;
    http2_request request_;
};

/// Fields as nghttp2 wants them: the status first, names in lower case, nothing that HTTP/2 forbids.
[[nodiscard]] std::vector<field> http2_fields(const response_head& head);

}  // namespace crosstalk::http
