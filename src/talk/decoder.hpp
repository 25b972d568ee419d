// JSON text to messages; the only file that knows simdjson.
//
// Rule 1: bounded: JSON depth 8, 256 messages in one array, integers up to 2^53-1.
// Rule 2: one broken message does not take the others in its array along.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crosstalk/error.hpp"
#include "crosstalk/message.hpp"

namespace crosstalk::talk {

enum class errc {
    malformed_json = 1,  ///< not JSON, or too deep, and no batch in it to blame
    not_messages,        ///< neither an object nor an array of objects
    too_many_messages,   ///< more than 256 in one array
    // Of XEP-0332:
    malformed_http,      ///< an element lacks what it must have
    bad_http_header,     ///< a header that HTTP does not know, or too many
    bad_base64,          ///< a body that is no base64
    unoffered_encoding,  ///< a body in a way that was not offered
    unsupported_method,  ///< a method that XEP-0332 does not have
};
[[nodiscard]] error_code make_error_code(errc e) noexcept;

/// A message that breaks the protocol: its transaction ends.
struct broken_message {
    std::string batch;
    std::string why;
    bool operator==(const broken_message&) const = default;
};
using decoded = std::variant<message, broken_message>;

/// Whether it may stand for `batch`.
[[nodiscard]] bool is_batch(std::string_view text) noexcept;

class decoder {
  public:
    decoder();
    ~decoder();
    decoder(decoder&&) noexcept;
    decoder& operator=(decoder&&) noexcept;

    /// The messages of one stanza, in order.
    [[nodiscard]] result<std::vector<decoded>> decode(std::string_view json);
    /// The message that stands alone in a frame of a direct stream. With `padding` bytes behind it that
    /// may be read, it need not be copied.
    [[nodiscard]] result<decoded> decode_one(std::string_view json, std::size_t behind = 0);
    static constexpr std::size_t padding = 64;
    /// The message in a chat message (talk/chat_stanza.hpp) whose thread, a batch, it belongs to: the
    /// object may leave `batch` out, and variables may be numbers.
    [[nodiscard]] decoded decode_threaded(std::string_view json, std::string_view thread);

  private:
    struct parser;
    std::unique_ptr<parser> parser_;
};

}  // namespace crosstalk::talk

template <>
struct boost::system::is_error_code_enum<crosstalk::talk::errc> : std::true_type {};
