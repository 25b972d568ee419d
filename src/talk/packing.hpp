// Messages packed: base64 of one zlib stream (RFC 1950) in place of JSON text.
//
// Rule 1: each message is compressed by itself, with nothing of the others to refer to: one visitor's
// text must not be told from the length of another's.
// Rule 2: what is unpacked is bounded.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"

namespace crosstalk::talk {

class packer {
  public:
    packer();
    ~packer();
    packer(packer&&) noexcept;
    packer& operator=(packer&&) noexcept;

    /// Packs JSON that is escaped as XML character data by `&amp;`, `&lt;` and `&gt;` alone. `ends`:
    /// where each message in it ends; what follows the last one belongs to it. Valid until the next
    /// call.
    [[nodiscard]] std::string_view pack(std::string_view text, std::span<const std::size_t> ends);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

class unpacker {
  public:
    static constexpr std::size_t most = 1024 * 1024;  ///< bytes of JSON

    unpacker();
    ~unpacker();
    unpacker(unpacker&&) noexcept;
    unpacker& operator=(unpacker&&) noexcept;

    /// The JSON text, valid until the next call. malformed_json: no base64, no zlib stream, more behind
    /// it, or more in it than `most`.
    [[nodiscard]] result<std::string_view> unpack(std::string_view packed);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::talk
