// See destination.hpp.
#include "ask/destination.hpp"

namespace crosstalk::ask {

std::variant<destination, refusal> find_destination(const http::request_head& head,
                                                    const http::authority& unnamed) {
    if (head.method == "CONNECT" || head.method == "TRACE") return refusal::method_not_supported;
    auto target = http::parse_target(head.method, head.target);
    if (!target) return refusal::malformed;
    destination out{unnamed, std::move(target->origin)};
    if (target->host) {
        out.authority = *std::move(target->host);
    } else if (const auto* field = head.headers.find("Host"); field != nullptr) {
        auto read = http::parse_authority(*field);
        if (!read) return refusal::unknown_site;
        out.authority = *std::move(read);
    }
    if (out.is_whole_server()) return out;
    const bool is_clean =
        out.target.starts_with('/') && !http::has_dot_segment(http::split_query(out.target).path);
    if (!is_clean) return refusal::bad_target;
    return out;
}

void obey_target(http::request_head& head, const http::authority& asked) {
    const bool is_absolute = !head.target.starts_with('/') && head.target != "*";
    if (is_absolute) head.headers.set("Host", http::to_text(asked));
}

}  // namespace crosstalk::ask
