// Body bytes as the text of chat messages has them: a character for each byte, or the characters of a
// text in UTF-8. Which of the two is nowhere said.
//
// Rule 1: what we write is told apart by the simplest reader: text has a character above U+00FF, or is
//         ASCII; anything else goes byte by byte.
// Rule 2: who wrote text with no character above U+00FF is understood as far as one can tell: bytes
//         show themselves by what text does not hold, or by the body's length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::talk {

/// A piece of a body, as it is to be written.
struct chat_piece {
    std::size_t bytes = 0;  ///< 0: what is there waits for the rest of its character
    bool is_text = false;   ///< as the characters of its UTF-8; else a character for each byte
};

/// The front of `body`, `most` bytes at most. `is_whole`: nothing will follow `body`.
[[nodiscard]] chat_piece cut_chat_piece(std::string_view body, std::size_t most,
                                        bool is_whole) noexcept;

/// Reads one body, piece by piece.
class chat_body_reader {
  public:
    /// How long the whole body is, where its head says so.
    void expect(std::optional<std::uint64_t> length) noexcept { length_ = length; }
    /// The bytes that this piece stands for.
    [[nodiscard]] std::string read(std::string text);

  private:
    [[nodiscard]] bool is_bytes(std::string_view bytes, std::size_t text_size) const noexcept;

    std::optional<std::uint64_t> length_;
    std::uint64_t read_ = 0;
    bool is_binary_ = false;  ///< a piece has shown that this body comes byte by byte
};

}  // namespace crosstalk::talk
