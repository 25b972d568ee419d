// See jid_escape.hpp.
#include "xmpp/jid_escape.hpp"

#include <array>

namespace crosstalk::xmpp {

namespace {

struct escape {
    std::string_view written;
    char meant;
};
constexpr std::array<escape, 3> harmless{{{"\\22", '"'}, {"\\26", '&'}, {"\\27", '\''}}};

/// What the text begins with, if it is one of those; else 0.
char meant_by(std::string_view text) noexcept {
    for (const auto& e : harmless)
        if (text.starts_with(e.written)) return e.meant;
    return 0;
}

}  // namespace

std::string for_display(std::string_view address) {
    const auto node_end = address.substr(0, address.find('/')).find('@');
    if (node_end == std::string_view::npos) return std::string(address);
    std::string shown;
    for (std::size_t i = 0; i < node_end; ++i) {
        const char meant = meant_by(address.substr(i, node_end - i));
        shown += meant == 0 ? address[i] : meant;
        if (meant != 0) i += 2;
    }
    return shown.append(address.substr(node_end));
}

}  // namespace crosstalk::xmpp
