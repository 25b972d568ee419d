// An answer that is complete but for its bytes: head, and a body to be read piece by piece.
//
// Rule: a body is never held whole, unless it was made here; a file that gives fewer bytes than its
//       answer has promised is an error, never a shorter body.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/message.hpp"
#include "peer/body_encoder.hpp"
#include "peer/document_root.hpp"

namespace crosstalk::peer {

/// A part of a body: bytes of its own, then `length` bytes of the file from `offset`.
struct body_part {
    std::string text;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

class answer_body {
  public:
    answer_body() = default;
    explicit answer_body(std::string whole);
    answer_body(descriptor file, std::vector<body_part> parts);

    /// Bytes that read() has still to give.
    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
    /// Appends the next bytes to `out`: `most` of them, or all that are left. Fails with EIO when the
    /// file has become too short, or as pread(2) does.
    [[nodiscard]] result<void> read(std::string& out, std::size_t most);

  private:
    [[nodiscard]] result<void> read_file(std::string& out, body_part& part, std::size_t most);

    descriptor file_;
    std::vector<body_part> parts_;
    std::size_t part_ = 0;       ///< the one that is being read
    std::size_t text_used_ = 0;  ///< bytes of its text that have been given
    std::uint64_t left_ = 0;
};

struct answer {
    talk::response_start start;
    answer_body body;
    std::unique_ptr<body_encoder>
        encoder{};  ///< the body is to pass through it; null: it goes as it is
};

/// An answer whose body is `body`, with its length and type.
[[nodiscard]] answer make_answer(unsigned status, std::string_view content_type, std::string body);

/// A short page for people: what the status means in a heading, `text` below; HTML or plain text, as
/// the Accept field among the request's `headers` prefers.
[[nodiscard]] answer make_page(unsigned status, std::string_view text, const http::fields& headers);

/// Takes the body away, for HEAD; the head stays as it is.
void drop_body(answer& a);

}  // namespace crosstalk::peer
