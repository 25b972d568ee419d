// Character data of an element, read without an XML parser: references resolved, line ends made LF (XML
// 1.0, 2.2, 2.4, 2.11, 4.1).
//
// Rule 1: what expat would refuse is refused: characters that XML forbids, entities beyond the five,
// `]]>`.
// Rule 2: what a read has cut in half waits for its rest, and only that is kept here.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::xmpp {

class character_data {
  public:
    /// Appends to `out` what `run`, which holds no `<`, stands for. False when it is not well-formed.
    [[nodiscard]] bool append(std::string& out, std::string_view run);
    /// Markup begins: false when something is cut in half. Ready for the next run then.
    [[nodiscard]] bool end();
    void restart() { (void)end(); }

  private:
    [[nodiscard]] bool read(std::string& out, std::string_view run);
    [[nodiscard]] bool read_special(char*& to, std::string_view& rest);
    [[nodiscard]] bool read_reference(char*& to, std::string_view& rest);
    [[nodiscard]] bool read_wide(char*& to, std::string_view& rest);

    std::string cut_;        ///< the beginning of a reference or of a character
    unsigned brackets_ = 0;  ///< how many `]` stand at the end so far, 2 at most
    bool after_cr_ = false;  ///< a LF that follows belongs to it
};

}  // namespace crosstalk::xmpp
