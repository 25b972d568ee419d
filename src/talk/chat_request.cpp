// See chat_request.hpp.
#include "talk/chat_request.hpp"

#include "http/target.hpp"

namespace crosstalk::talk {

void bring_up_to_date(cgi::environ_map& request) {
    for (const auto name : {"CONTENT_LENGTH", "CONTENT_TYPE"})
        if (request.get(name).empty()) request.erase(name);
    std::string script(request.get("SCRIPT_NAME"));
    while (script.ends_with('/')) script.pop_back();
    const auto target = http::split_query(request.get("REQUEST_URI"));
    if (!target.path.starts_with('/') || !target.path.starts_with(script)) return;
    auto below = http::percent_decode(target.path.substr(script.size()));
    if (!below) return;
    std::string path(target.path), query(target.query);
    request.set("SCRIPT_NAME", std::move(script));
    request.set("NON_QUERY_URI", std::move(path));
    request.set("QUERY_STRING", std::move(query));
    request.set("PATH_INFO", *std::move(below));
}

bool announces_body(const cgi::environ_map& request) noexcept {
    const auto length = request.get("CONTENT_LENGTH");
    return !length.empty() && length.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace crosstalk::talk
