// Whether an answer goes out compressed, and what its head says then (RFC 9110, 8.4 and 12.5.3).
//
// Rule 1: only whole answers that nobody has compressed yet, of a type that gains from it, and that
// their
//         server lets be changed: no Content-Encoding, Content-Range or digest, no `no-transform`.
// Rule 2: HEAD is told what GET would be, as far as its head lets one know.
// Rule 3: a strong entity tag becomes weak: the bytes are others each time. If-None-Match works with it
//         as before; If-Match with it never holds.
// Rule 4: few bodies at a time are compressed by Brotli, which takes much memory; the others by gzip.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "cgi/incoming.hpp"
#include "crosstalk/message.hpp"
#include "peer/body_encoder.hpp"

namespace crosstalk::peer {

/// Whether an answer is one that a visitor who takes a compressed one may get compressed.
[[nodiscard]] bool may_be_compressed(const cgi::incoming_request& request,
                                     const talk::response_start& start);

/// The codings that an Accept-Encoding value wants as much as identity or more, the best first: Brotli
/// rather than gzip where both are wanted as much.
[[nodiscard]] std::vector<coding> codings_by_preference(std::string_view accept_encoding);

/// Adds Accept-Encoding to what Vary names.
void add_vary(http::fields& headers);

/// What compresses the answers of one peer.
class compressor {
  public:
    /// One that is off changes nothing.
    explicit compressor(bool is_on) : is_on_(is_on) {}

    /// Decides, and makes the head say so. What is given compresses the body; null: it goes as it is,
    /// or there is none. It may outlive this.
    [[nodiscard]] std::unique_ptr<body_encoder> begin(const cgi::incoming_request& request,
                                                      talk::response_start& start);

  private:
    bool is_on_;
    /// Each encoder of Brotli holds a copy: its count tells how many there are.
    std::shared_ptr<const bool> brotli_ = std::make_shared<const bool>(true);
};

}  // namespace crosstalk::peer
