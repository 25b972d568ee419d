// Implementation of markup_scanner.hpp.
#include "xmpp/markup_scanner.hpp"

namespace crosstalk::xmpp {

std::size_t markup_scanner::scan(std::string_view bytes) noexcept {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool was_outside = is_outside();
        step(bytes[i]);
        const bool has_ended = !was_outside && is_outside();
        if (has_ended && i + 1 < bytes.size() && bytes[i + 1] != '<') return i + 1;
    }
    return bytes.size();
}

void markup_scanner::step(char c) noexcept {
    switch (state_) {
        case state::outside:
            if (c == '<') state_ = state::opened;
            break;
        case state::opened:
            // `<![CDATA[`; comments and document types begin like it, and are refused by the parser.
            closing_ = 0;
            state_ = c == '!' ? state::section : c == '>' ? state::outside : state::tag;
            break;
        case state::tag:
            if (c == '>') state_ = state::outside;
            if (c == '"' || c == '\'') {
                quote_ = c;
                state_ = state::quoted;
            }
            break;
        case state::quoted:
            if (c == quote_) state_ = state::tag;
            break;
        case state::section:
            if (c == ']')
                closing_ = closing_ < 2 ? closing_ + 1 : 2;
            else if (c == '>' && closing_ == 2)
                state_ = state::outside;
            else
                closing_ = 0;
            break;
    }
}

}  // namespace crosstalk::xmpp
