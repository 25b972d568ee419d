// The admin listener's pages.
#include "gateway/admin.hpp"

#include "http/target.hpp"

namespace crosstalk::gateway {

page admin_page(const http::request_head& head, std::string_view obstacle) {
    const auto path = http::split_query(head.target).path;
    const bool is_health = path == "/healthz", is_readiness = path == "/readyz";
    if (!is_health && !is_readiness) return text_page(404, "There are /healthz and /readyz here.\n");
    if (head.method != "GET" && head.method != "HEAD") {
        auto refused = text_page(405, "Only GET and HEAD are answered here.\n");
        refused.head.headers.add("Allow", "GET, HEAD");
        return refused;
    }
    if (is_health) return text_page(200, "alive\n");
    if (obstacle.empty()) return text_page(200, "ready\n");
    return text_page(503, "not ready: " + std::string(obstacle) + '\n');
}

}  // namespace crosstalk::gateway
