// Telling folders from addresses, and checking either before anything is connected.
#include "cmd/target.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "crosstalk/http.hpp"
#include "http/target.hpp"

namespace crosstalk::cmd {
namespace {

constexpr std::string_view unix_prefix = "unix:";

/// "abc:" of "abc:rest" if it looks like the scheme of a URI (RFC 3986, 3.1) of two letters or more.
std::string_view scheme_of(std::string_view text) {
    auto const colon = text.find(':');
    if (colon == std::string_view::npos || colon < 2) return {};
    std::string_view const scheme = text.substr(0, colon);
    bool const is_scheme = scheme.find_first_not_of(
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789+-.") == std::string_view::npos;
    return is_scheme ? scheme : std::string_view{};
}

std::optional<publish_target> parse_folder(const std::string& path, std::string& problem) {
    struct stat status {};
    if (path.empty())
        problem = "is empty; name the folder or the address to publish";
    else if (stat(path.c_str(), &status) != 0)
        problem = errno == ENOENT ? "does not exist; name a folder, http://HOST:PORT or unix:PATH"
                                  : "cannot be read: " + std::generic_category().message(errno);
    else if (!S_ISDIR(status.st_mode))
        problem = "is no folder; publish the folder that holds it";
    else if (access(path.c_str(), R_OK | X_OK) != 0)
        problem = "cannot be read: " + std::generic_category().message(errno) +
                  "; see to it that this user may list it";
    else
        return peer::folder_target{path, false};
    return std::nullopt;
}

std::optional<publish_target> parse_unix(const std::string& text, std::string& problem) {
    // It must fit sockaddr_un.
    constexpr std::size_t max_path = 107;
    peer::http_target target;
    target.unix_path = text.substr(unix_prefix.size());
    if (!target.unix_path.empty() && target.unix_path.size() <= max_path) return target;
    problem = "is no path of a socket: expected unix:PATH with 1 to 107 bytes of PATH";
    return std::nullopt;
}

std::optional<publish_target> parse_url(const std::string& text, std::string& problem) {
    auto const read = http::parse_target("GET", text);
    bool const is_plain = read && read->form == http::target_form::absolute && read->host &&
                          read->origin.find('?') == std::string::npos &&
                          !http::has_dot_segment(read->origin) && http::percent_decode(read->origin);
    if (!is_plain) {
        problem =
            "is no address of an app: expected http://HOST[:PORT][/BASE] or https://…, without a query";
        return std::nullopt;
    }
    peer::http_target target;
    target.tls = read->scheme == "https";
    target.host = read->host->host;
    target.port = read->host->port != 0 ? read->host->port : target.tls ? 443 : 80;
    target.base_path = read->origin;
    while (target.base_path.ends_with('/')) target.base_path.pop_back();
    return target;
}

}  // namespace

bool is_folder_form(const std::string& text) {
    struct stat status {};
    return scheme_of(text).empty() || stat(text.c_str(), &status) == 0;
}

std::optional<publish_target> parse_target(const std::string& text, std::string& problem) {
    if (is_folder_form(text)) return parse_folder(text, problem);
    std::string_view const scheme = scheme_of(text);
    if (scheme == "unix") return parse_unix(text, problem);
    if (http::iequals(scheme, "http") || http::iequals(scheme, "https"))
        return parse_url(text, problem);
    problem =
        "is of a form that this version does not know; name a folder, http://HOST:PORT or unix:PATH";
    return std::nullopt;
}

}  // namespace crosstalk::cmd
