// See answers.hpp.
#include "library/answers.hpp"

#include "http/hop_by_hop.hpp"
#include "http/status.hpp"
#include "http/syntax.hpp"

namespace crosstalk::library {

request make_request(cgi::incoming_request from) {
    request out;
    out.method = std::move(from.method);
    out.target = std::move(from.target);
    out.script_name = std::move(from.script_name);
    out.path = std::move(from.path_info);
    out.query = std::move(from.query);
    out.headers = std::move(from.headers);
    out.content_length = from.content_length;
    out.user = std::move(from.remote_user);
    out.auth_type = std::move(from.auth_type);
    out.remote_addr = std::move(from.remote_addr);
    out.scheme = std::move(from.scheme);
    return out;
}

std::optional<talk::response_start> make_start(unsigned status, http::fields headers,
                                               std::string& problem) {
    if (status < 200 || status > 599) {
        problem = "the program answered with status " + std::to_string(status);
        return std::nullopt;
    }
    for (const auto& f : headers) {
        if (http::is_token(f.name) && http::is_field_value(f.value)) continue;
        problem = "the program answered with a field that HTTP does not allow: " + f.name;
        return std::nullopt;
    }
    http::remove_hop_by_hop(headers);
    return talk::response_start{status, std::move(headers)};
}

bool has_body(std::string_view method, unsigned status) noexcept {
    return method != "HEAD" && !http::is_bodyless(status);
}

std::optional<peer::answer> make_whole_answer(response from, std::string_view method,
                                              std::string& problem) {
    auto start = make_start(from.status, std::move(from.headers), problem);
    if (!start) return std::nullopt;
    // HEAD may be answered without making the body: its length is then not known.
    const bool has_length = !http::is_bodyless(from.status) && (method != "HEAD" || !from.body.empty());
    if (has_length) start->headers.set("Content-Length", std::to_string(from.body.size()));
    peer::answer out;
    if (has_body(method, from.status)) out.body = peer::answer_body(std::move(from.body));
    out.start = *std::move(start);
    return out;
}

}  // namespace crosstalk::library
