// Bytes of an XMPP stream to its header, its top-level elements and its end (RFC 6120, 4 and 11).
// The only user of expat.
//
// Rule 1: bounded in space. A stanza that is well-formed and breaks a limit arrives bare, without
// anything
//         in it: the stream carries everybody's stanzas, and whoever can write to us could end it
//         otherwise. The parser is renewed now and then, because expat remembers every name it has ever
//         seen.
// Rule 2: DOCTYPE, comments, processing instructions and entities beyond the five are refused.
// Rule 3: the stream's own namespace is reported as `jabber:client` (element.hpp, rule 3).
// Rule 4: attributes of namespaces other than none and xml carry theirs in their name, so that none
// passes for another.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "xmpp/element.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::xmpp {

struct parser_limits {
    std::size_t element_bytes = 1024 * 1024;  ///< of a top-level element as it came; also of the header
    std::size_t depth = 32;                   ///< of elements within the stream
    std::size_t attributes = 64;              ///< of one element
    std::size_t elements = 16'384;            ///< within one top-level element
    std::size_t hard_bytes = 8 * 1024 * 1024;  ///< of what is not whole yet: more ends the stream
};

/// `<stream:stream …>`.
struct stream_header {
    std::string id, from, version;
    std::string content_ns;  ///< "jabber:client" or whatever was declared
};
/// `</stream:stream>`.
struct stream_footer {};
using stream_part = std::variant<stream_header, element, stream_footer>;

class stream_parser {
  public:
    explicit stream_parser(parser_limits limits = {});
    ~stream_parser();
    stream_parser(const stream_parser&) = delete;
    stream_parser& operator=(const stream_parser&) = delete;

    /// Takes the next bytes. After a failure (malformed_xml, stanza_too_large), after the footer and
    /// until restart() nothing more is taken; parts that were whole before can still be polled.
    [[nodiscard]] result<void> feed(std::string_view bytes);
    [[nodiscard]] std::optional<stream_part> poll();

    /// Forgets everything, parts not yet polled too: a new stream begins.
    void restart();

    /// What was wrong, in words; "" while nothing is.
    [[nodiscard]] const std::string& trouble() const noexcept;

  private:
    struct core;
    std::unique_ptr<core> core_;
};

}  // namespace crosstalk::xmpp
