// Messages of CrossTalk as chat messages, the wire of 2008 (docs/protocol.md, "Chat messages"):
// <thread/> is the batch, <body/> the JSON text, or base64 of its zlib stream.
//
// Rule 1: one message in one stanza, and `signal` alone in its message.
// Rule 2: each stanza asks servers not to store it, and not to copy it to other devices.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "crosstalk/message.hpp"
#include "talk/chat_body.hpp"
#include "talk/decoder.hpp"
#include "talk/packing.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::talk {

/// What a chat message holds; both point into the stanza, white space around them left out.
struct chat_text {
    std::string_view thread, body;
    [[nodiscard]] bool is_packed() const noexcept { return body.empty() || body.front() != '{'; }
};
[[nodiscard]] chat_text open_chat(const xmpp::element& stanza) noexcept;

class chat_reader {
  public:
    /// The message, its `data` still text for a chat_body_reader. What is no message is broken.
    [[nodiscard]] decoded read(const chat_text& text);

  private:
    decoder decoder_;
    unpacker unpacker_;
};

/// Where a chat message goes.
struct chat_head {
    std::string_view id, to, from;  ///< from "": none
    std::string_view thread;
    bool is_packed = false;
    std::size_t max_stanza = 0;
};

class chat_writer {
  public:
    /// Appends the stanza for `m`, its `data` written as `how` says. False, and nothing is appended,
    /// where it is larger than the limit, as servers write it.
    [[nodiscard]] bool append(std::string& out, const chat_head& head, const message& m,
                              chat_piece how = {});

  private:
    packer packer_;
    std::string json_;
};

}  // namespace crosstalk::talk
