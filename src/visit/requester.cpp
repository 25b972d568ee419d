// See requester.hpp.
#include "visit/requester.hpp"

namespace crosstalk::visit {
namespace {

/// A page in a window of its own: frames and embedded objects have other destinations.
bool is_followed_link(const http::request_head& head) {
    return (head.method == "GET" || head.method == "HEAD") &&
           head.headers.get("Sec-Fetch-Mode") == "navigate" &&
           head.headers.get("Sec-Fetch-Dest") == "document";
}

bool is_own_origin(std::string_view origin, std::string_view host) {
    constexpr std::string_view scheme = "http://";
    return origin.starts_with(scheme) && http::iequals(origin.substr(scheme.size()), host);
}

}  // namespace

bool may_ask(const http::request_head& head, std::string_view host) {
    const auto* site = head.headers.find("Sec-Fetch-Site");
    if (site != nullptr) return *site == "same-origin" || *site == "none" || is_followed_link(head);
    const auto* origin = head.headers.find("Origin");
    if (origin != nullptr) return is_own_origin(*origin, host);
    // A browser that tells neither may be asking for any page.
    return !head.headers.get("User-Agent").starts_with("Mozilla/");
}

}  // namespace crosstalk::visit
