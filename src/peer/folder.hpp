// A folder as a web site: from a request to the answer, files not yet read.
//
// Rule 1: what is opened is decided by document_root; here only names are refused: dot names (but for
//         /.well-known), empty segments, encoded slashes.
// Rule 2: no clock: `now` is an argument. No network.
// Rule 3: GET, HEAD and OPTIONS alone; conditions and ranges after RFC 9110.
// Rule 4: a.css.br or a.css.gz beside a.css, and not older, stands for it where visitors take that:
// with
//         a tag and ranges of its own.
#pragma once

#include <cstdint>

#include "cgi/incoming.hpp"
#include "peer/answer.hpp"
#include "peer/document_root.hpp"
#include "peer/settings.hpp"

namespace crosstalk::peer {

class folder {
  public:
    /// Fails when the path is no folder that can be entered.
    [[nodiscard]] static result<folder> open(const folder_target& target);

    /// The answer, at `now` seconds since 1970. Errors are answers too.
    [[nodiscard]] answer respond(const cgi::incoming_request& request, std::int64_t now) const;

  private:
    folder(document_root root, bool listings) : root_(std::move(root)), listings_(listings) {}

    [[nodiscard]] answer find(const cgi::incoming_request& request, std::int64_t now) const;
    [[nodiscard]] answer show_file(const cgi::incoming_request& request, opened file,
                                   std::string_view path, std::int64_t now) const;
    [[nodiscard]] answer show_folder(const cgi::incoming_request& request, std::string_view path,
                                     std::int64_t now) const;

    document_root root_;
    bool listings_ = false;
};

}  // namespace crosstalk::peer
