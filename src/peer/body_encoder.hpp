// A body compressed as it passes: gzip (RFC 1952) or Brotli (RFC 7932), piece by piece.
//
// Rule 1: what has been flushed can be read in full by whoever has got all bytes so far: a streamed
//         answer stays one.
// Rule 2: nothing is allocated before the first piece, and windows are small: an encoder takes about
//         130 KiB for gzip, and 1.7 MiB for Brotli at most.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace crosstalk::peer {

enum class coding : std::uint8_t { gzip, brotli };

/// "gzip", "br".
[[nodiscard]] std::string_view name_of(coding c) noexcept;

class body_encoder {
  public:
    /// What follows a piece.
    enum class next : std::uint8_t {
        more,     ///< more soon: bytes may be kept back
        a_pause,  ///< perhaps nothing for long: everything comes out
        the_end,  ///< nothing: the last piece
    };

    /// `token` is held as long as the encoder lives.
    explicit body_encoder(coding c, std::shared_ptr<const void> token = {});
    body_encoder(const body_encoder&) = delete;
    body_encoder& operator=(const body_encoder&) = delete;
    ~body_encoder();

    /// Appends to `out` what is to be sent now. Not to be called any more after `the_end`.
    void encode(std::string_view piece, next then, std::string& out);

  private:
    struct engine;
    struct gzip_engine;
    struct brotli_engine;
    coding coding_;
    std::shared_ptr<const void> token_;
    std::unique_ptr<engine> engine_;
};

}  // namespace crosstalk::peer
