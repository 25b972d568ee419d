// Where markup ends and character data begins, without understanding either.
//
// Rule: what it is not sure of is markup, so that the XML parser sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace crosstalk::xmpp {

class markup_scanner {
  public:
    /// Reads on, through tags that follow each other at once: how many bytes belong to the parser
    /// before the next character data can begin, at most all. Character data in front belongs to it as
    /// well.
    [[nodiscard]] std::size_t scan(std::string_view bytes) noexcept;
    /// Whether all tags that have begun have ended.
    [[nodiscard]] bool is_outside() const noexcept { return state_ == state::outside; }
    void restart() noexcept { state_ = state::outside; }

  private:
    enum class state : std::uint8_t { outside, opened, tag, quoted, section };
    void step(char c) noexcept;

    state state_ = state::outside;
    char quote_ = 0;
    unsigned closing_ = 0;  ///< how much of `]]>` has come, within a section
};

}  // namespace crosstalk::xmpp
