// Finding what a path means in the folder, and answering with it.
#include "peer/folder.hpp"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "http/media_type.hpp"
#include "http/target.hpp"
#include "peer/compression.hpp"
#include "peer/file_answer.hpp"
#include "peer/listing.hpp"

namespace crosstalk::peer {
namespace {

constexpr std::size_t most_listed = 5000;

answer not_found(const cgi::incoming_request& request) {
    return make_page(404, "There is nothing at this address. Check how it is spelt.", request.headers);
}

/// What visitors see when a file cannot be opened.
answer refusal(const cgi::incoming_request& request, error_code why) {
    switch (why.value()) {
        case ENOENT:
            return not_found(request);
        case EACCES:
        case EPERM:
            return make_page(
                403,
                "The publisher's computer does not allow this file to be read. Its owner can "
                "change that by giving it read permission.",
                request.headers);
        case EMFILE:
        case ENFILE:
        case ENOMEM: {
            auto busy = make_page(503, "The publisher's computer is busy. Try again in a moment.",
                                  request.headers);
            busy.start.headers.add("Retry-After", "5");
            return busy;
        }
        default:
            return make_page(500, "The publisher's computer could not read this file.",
                             request.headers);
    }
}

/// Whether visitors may ask for `path` at all ("a/b", without slashes at its ends).
bool is_served(std::string_view path) {
    const bool is_first_well_known = path == ".well-known" || path.starts_with(".well-known/");
    if (is_first_well_known) path.remove_prefix(1);
    return !path.starts_with('.') && path.find("/.") == std::string_view::npos;
}

/// The path within the folder: PATH_INFO without its first slash. Nothing when a slash was encoded: it
/// would be part of a name, and no name holds one.
std::optional<std::string_view> path_within(const cgi::incoming_request& request) {
    const std::string_view decoded = request.path_info;
    std::string_view raw = http::split_query(request.target).path;
    raw.remove_prefix(std::min(raw.size(), request.script_name.size()));
    if (std::ranges::count(raw, '/') != std::ranges::count(decoded, '/')) return std::nullopt;
    if (decoded.empty()) return decoded;
    return decoded.front() == '/' ? std::optional{decoded.substr(1)} : std::nullopt;
}

bool is_older(const opened& a, const opened& b) {
    return std::tie(a.modified.tv_sec, a.modified.tv_nsec) <
           std::tie(b.modified.tv_sec, b.modified.tv_nsec);
}

/// What the name of a file compressed in advance ends with.
std::string_view suffix_of(coding c) { return c == coding::gzip ? ".gz" : ".br"; }

/// To the same address with a slash at its end, so that relative links work.
answer add_slash(const cgi::incoming_request& request) {
    const auto asked = http::split_query(request.target);
    std::string location = std::string{asked.path} + '/';
    if (asked.has_query) location.append("?").append(asked.query);
    auto a = make_page(301, "This folder's address ends with a slash.", request.headers);
    a.start.headers.add("Location", std::move(location));
    return a;
}

answer allowed_methods(unsigned status, answer a) {
    a.start.status = status;
    a.start.headers.add("Allow", "GET, HEAD, OPTIONS");
    return a;
}

}  // namespace

result<folder> folder::open(const folder_target& target) {
    auto root = document_root::open(target.path);
    if (root.has_error()) return root.error();
    return folder{std::move(*root), target.listings};
}

answer folder::respond(const cgi::incoming_request& request, std::int64_t now) const {
    if (request.method == "OPTIONS") return allowed_methods(204, answer{});
    const bool is_head = request.method == "HEAD";
    if (!is_head && request.method != "GET") {
        return allowed_methods(
            405, make_page(405, "This site can be read, and nothing else.", request.headers));
    }
    auto a = find(request, now);
    if (is_head) drop_body(a);
    return a;
}

answer folder::find(const cgi::incoming_request& request, std::int64_t now) const {
    const auto within = path_within(request);
    if (!within) return not_found(request);
    auto path = *within;
    // A site under a path prefix that was asked for without the slash behind its name.
    if (path.empty() && request.path_info.empty()) return add_slash(request);
    const bool asks_folder = path.empty() || path.back() == '/';
    if (!path.empty() && asks_folder) path.remove_suffix(1);
    const bool is_root = path.empty() && request.path_info == "/";
    if (!is_root && (!is_plain_path(path) || !is_served(path))) return not_found(request);

    if (asks_folder) return show_folder(request, path, now);
    auto found = root_.open_beneath(path);
    if (found.has_error()) return refusal(request, found.error());
    if (found->is_folder) return add_slash(request);
    return show_file(request, std::move(*found), path, now);
}

answer folder::show_file(const cgi::incoming_request& request, opened file, std::string_view path,
                         std::int64_t now) const {
    const auto accepted = request.headers.get("Accept-Encoding");
    const auto wanted = http::is_compressible(http::media_type_of(path))
                            ? codings_by_preference(accepted)
                            : std::vector<coding>{};
    for (const coding c : wanted) {
        auto packed = root_.open_beneath(std::string{path} + std::string{suffix_of(c)});
        if (packed.has_error() || packed->is_folder || is_older(*packed, file)) continue;
        auto a = answer_with_file(request, std::move(*packed), path, now);
        if (a.start.status < 300) a.start.headers.add("Content-Encoding", std::string{name_of(c)});
        if (a.start.status < 400) add_vary(a.start.headers);
        return a;
    }
    return answer_with_file(request, std::move(file), path, now);
}

answer folder::show_folder(const cgi::incoming_request& request, std::string_view path,
                           std::int64_t now) const {
    const std::string index = path.empty() ? "index.html" : std::string{path} + "/index.html";
    auto found = root_.open_beneath(index);
    if (found.has_value() && !found->is_folder) {
        return show_file(request, std::move(*found), index, now);
    }
    if (found.has_error() && found.error().value() != ENOENT) return refusal(request, found.error());
    if (!listings_) return not_found(request);

    const auto listing = root_.list(path, most_listed);
    if (listing.has_error()) return refusal(request, listing.error());
    auto a = make_answer(200, "text/html; charset=utf-8", listing_page(request.path_info, *listing));
    a.start.headers.add("Cache-Control", "no-cache");
    return a;
}

}  // namespace crosstalk::peer
