// What one message of a direct stream holds (carriage 4 of docs/protocol.md): the length of its JSON,
// 32 bits big-endian, the JSON of one CrossTalk message, and the body bytes that are that message's
// data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::talk {

/// Where gateways take direct streams, and the WebSocket's subprotocol.
inline constexpr std::string_view direct_path = "/.well-known/crosstalk";
inline constexpr std::string_view direct_subprotocol = "crosstalk.1";

struct direct_frame {
    std::string_view json;
    std::string_view body;  ///< "": the message has no data
};

/// Takes it apart; nothing when the length is not there or reaches beyond the end.
[[nodiscard]] std::optional<direct_frame> open_direct_frame(std::string_view payload) noexcept;

/// Writes one to the end of a string: JSON, end_json(), body.
class direct_frame_writer {
  public:
    explicit direct_frame_writer(std::string& out) : out_(out), begin_(out.size()) {
        out_.append(length_size, '\0');
    }
    [[nodiscard]] std::size_t json_size() const noexcept { return size() - length_size; }
    void end_json() noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - begin_; }
    /// Takes back all that has been appended.
    void discard() { out_.resize(begin_); }

    static constexpr std::size_t length_size = 4;

  private:
    std::string& out_;
    std::size_t begin_;
};

}  // namespace crosstalk::talk
