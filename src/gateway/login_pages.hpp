// What visitors see on their way in: plain forms, no script, nothing from anywhere else.
//
// Rule 1: everything that came from outside is escaped.
// Rule 2: no other site may frame these pages, and forms lead to this site alone.
#pragma once

#include <string>
#include <string_view>

#include "gateway/asking.hpp"

namespace crosstalk::gateway {

/// Below this path of each site's own host are the gateway's pages for visitors.
inline constexpr std::string_view visitor_path = "/.well-known/crosstalk/";

/// `target` as it may be returned to: a path on this host, else "/".
[[nodiscard]] std::string safe_return(std::string_view target);

/// Asks who the visitor is; `trouble` says what was wrong the last time, or is "".
[[nodiscard]] page login_page(unsigned status, std::string_view to, std::string_view trouble);
/// Shows the code, and looks again by itself.
[[nodiscard]] page waiting_page(std::string_view jid, std::string_view code, std::string_view to);
/// Known, and not admitted.
[[nodiscard]] page not_admitted_page(std::string_view jid, std::string_view to);
/// The owner has been asked; looks again by itself.
[[nodiscard]] page asked_page(std::string_view jid, std::string_view to);
/// `is_known`: there is somebody to forget.
[[nodiscard]] page logout_page(bool is_known);
/// A short notice with a link back.
[[nodiscard]] page notice_page(unsigned status, std::string_view heading, std::string_view text, std::string_view to);
/// 303 to `to`.
[[nodiscard]] page see_other(std::string_view to);

}  // namespace crosstalk::gateway
