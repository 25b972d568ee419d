// The elements of XEP-0332 (HTTP over XMPP transport) and XEP-0047 (in-band bytestreams), as values.
//
// Rule 1: reading takes every encoding; what was not offered (sipub, jingle, s5) is an error.
// Rule 2: what is written is what the XEP's schema allows: text, base64 or chunkedBase64, never xml.
// Rule 3: a header's value is text. Bytes that are UTF-8 cross as they are; others are taken for
//         ISO 8859-1, since XML cannot carry them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"
#include "crosstalk/message.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::talk {

/// Bytes of a chunk, where the other side does not say how many it takes.
inline constexpr std::size_t usual_chunk = 4096;

/// What `<data>` holds.
struct http_body {
    enum class form : std::uint8_t {
        none,
        whole,       ///< here it is: text, xml or base64
        chunks,      ///< chunkedBase64: it follows in messages
        bytestream,  ///< ibb: it follows as XEP-0047 has it
    };
    form how = form::none;
    std::string bytes;   ///< of a whole one
    std::string stream;  ///< the name of what follows
};

struct http_request {
    std::string method;
    std::string resource;
    unsigned version_minor = 1;
    std::size_t max_chunk = usual_chunk;  ///< bytes of a chunk that the asker takes
    http::fields headers;
    http_body body;
};

struct http_response {
    response_start start;
    http_body body;
};

struct http_chunk {
    std::string stream;
    std::uint64_t number = 0;
    bool is_last = false;
    std::string bytes;
};

/// XEP-0047: a piece of a bytestream.
struct stream_block {
    std::string stream;
    std::uint16_t sequence = 0;
    std::string bytes;
};

/// From `<req/>`, `<resp/>`, `<chunk/>` and `<data xmlns='…ibb'/>`.
[[nodiscard]] result<http_request> read_http_request(const xmpp::element& req);
[[nodiscard]] result<http_response> read_http_response(const xmpp::element& resp);
[[nodiscard]] result<http_chunk> read_http_chunk(const xmpp::element& chunk);
[[nodiscard]] result<stream_block> read_stream_block(const xmpp::element& data);

[[nodiscard]] xmpp::element to_element(const http_request& request);
[[nodiscard]] xmpp::element to_element(const http_response& response);
[[nodiscard]] xmpp::element to_element(const http_chunk& chunk);

/// The bytes of a header's value as XML text (rule 3).
[[nodiscard]] std::string header_text(std::string_view value);
/// Bytes of the stanza as servers write it, who turn `"` into an entity.
[[nodiscard]] std::size_t cost_of(std::string_view stanza) noexcept;

}  // namespace crosstalk::talk
