// A whole message as JSON that is XML text. docs/protocol.md, "Messages".
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/message.hpp"
#include "talk/json_writer.hpp"

namespace crosstalk::talk {

/// Appends everything of `m` but its data, offset and signal, and leaves the object open.
void write_head(object_writer& w, const message& m);
/// Appends offset and signal, and closes the object.
void write_tail(object_writer& w, const message& m);
/// Appends the whole message, whatever its size; its cost as the servers write it.
std::size_t append_message(std::string& out, const message& m);

}  // namespace crosstalk::talk
