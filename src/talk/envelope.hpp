// Carriage 1: <crosstalk/> with its JSON inside an iq.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.hpp"

namespace crosstalk::talk {

/// What a <crosstalk/> element holds. `json` points into the element.
struct payload {
    std::string_view json;        ///< "" when there is none
    std::string_view packed;      ///< the same, packed (packing.hpp); never beside json
    std::size_t max_stanza = 0;   ///< 0 when it does not say
    bool accepts_packed = false;  ///< its sender can read packed messages
    bool is_readable = true;      ///< false: packed in a way that we have not announced
};

/// The <crosstalk/> of a stanza, or nothing.
[[nodiscard]] std::optional<payload> open_envelope(const xmpp::element& stanza);

/// What stands around the messages of one stanza.
struct envelope_head {
    std::string_view type;  ///< "set" or "result"
    std::string_view id;
    std::string_view to;
    std::string_view from;  ///< "": none
    std::size_t max_stanza = 0;
};

/// Bytes that the envelope may take at most as the servers write it, besides its messages.
inline constexpr std::size_t envelope_cost = 1024;

/// Appends everything up to where the JSON begins, and after it. Returns where the element around it
/// begins.
std::size_t open_messages(std::string& out, const envelope_head& head);
void close_messages(std::string& out);
/// Replaces what begins at `payload` by packed messages, and closes.
void close_packed(std::string& out, std::size_t payload, std::string_view packed);
/// Appends an iq result without payload.
void append_empty_result(std::string& out, const envelope_head& head);

}  // namespace crosstalk::talk
