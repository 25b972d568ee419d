// Deciding by heads, and changing them.
#include "peer/compression.hpp"

#include <algorithm>
#include <array>

#include "cgi/checks.hpp"
#include "http/accept.hpp"
#include "http/media_type.hpp"
#include "http/syntax.hpp"

namespace crosstalk::peer {
namespace {

constexpr std::uint64_t least_length = 256;  ///< what is shorter gains next to nothing
constexpr long most_brotli = 32;             ///< bodies at a time

bool has_item_in(const http::fields& headers, std::string_view name, std::string_view item) {
    return std::any_of(headers.begin(), headers.end(), [&](const http::field& f) {
        return http::iequals(f.name, name) && http::has_item(f.value, item);
    });
}

/// Whether a field tells of the body what would be true no more.
bool has_bound_body(const http::fields& headers) {
    constexpr std::array names{"Content-Encoding", "Content-Range",  "Content-MD5",
                               "Digest",           "Content-Digest", "Repr-Digest"};
    return std::any_of(names.begin(), names.end(),
                       [&](const char* name) { return headers.find(name) != nullptr; });
}

bool is_whole_body(unsigned status) {
    constexpr std::array<unsigned, 5> others{204, 205, 206, 226, 304};
    return status >= 200 && std::find(others.begin(), others.end(), status) == others.end();
}

bool is_worth_it(const http::fields& headers) {
    const auto* length = headers.find("Content-Length");
    return length == nullptr || cgi::parse_content_length(*length).value_or(0) >= least_length;
}

void weaken_tag(http::fields& headers) {
    const auto tag = headers.get("ETag");
    if (tag.starts_with('"')) headers.set("ETag", "W/" + std::string{tag});
}

/// Not modified since a compressed answer: the tag is the one that came with that.
void confirm_compressed(const http::fields& asked, http::fields& headers) {
    const auto tag = headers.get("ETag");
    if (!tag.starts_with('"') ||
        asked.get("If-None-Match").find("W/" + std::string{tag}) == std::string_view::npos)
        return;
    weaken_tag(headers);
    add_vary(headers);
}

void announce(http::fields& headers, coding c) {
    headers.add("Content-Encoding", std::string{name_of(c)});
    headers.remove("Content-Length");
    headers.remove("Accept-Ranges");
    weaken_tag(headers);
}

}  // namespace

bool may_be_compressed(const cgi::incoming_request& request, const talk::response_start& start) {
    const auto& headers = start.headers;
    return is_whole_body(start.status) && !has_bound_body(headers) && is_worth_it(headers) &&
           http::is_compressible(headers.get("Content-Type")) &&
           !has_item_in(headers, "Cache-Control", "no-transform") &&
           !has_item_in(request.headers, "Cache-Control", "no-transform");
}

std::vector<coding> codings_by_preference(std::string_view accept_encoding) {
    const auto quality = [&](std::string_view name) {
        return http::coding_quality_of(accept_encoding, name);
    };
    const unsigned least = std::max(quality("identity"), 1U);
    const unsigned gzip = quality(name_of(coding::gzip)), brotli = quality(name_of(coding::brotli));
    std::vector<coding> found;
    if (brotli >= least) found.push_back(coding::brotli);
    if (gzip >= least) found.insert(gzip > brotli ? found.begin() : found.end(), coding::gzip);
    return found;
}

void add_vary(http::fields& headers) {
    if (has_item_in(headers, "Vary", "*") || has_item_in(headers, "Vary", "Accept-Encoding")) return;
    headers.add("Vary", "Accept-Encoding");
}

std::unique_ptr<body_encoder> compressor::begin(const cgi::incoming_request& request,
                                                talk::response_start& start) {
    if (!is_on_) return nullptr;
    if (start.status == 304) confirm_compressed(request.headers, start.headers);
    if (!may_be_compressed(request, start)) return nullptr;
    add_vary(start.headers);
    const bool has_brotli = brotli_.use_count() <= most_brotli;
    const auto wanted = codings_by_preference(request.headers.get("Accept-Encoding"));
    const auto chosen =
        std::ranges::find_if(wanted, [&](coding c) { return has_brotli || c != coding::brotli; });
    if (chosen == wanted.end()) return nullptr;
    announce(start.headers, *chosen);
    if (request.method == "HEAD") return nullptr;
    return std::make_unique<body_encoder>(*chosen, *chosen == coding::brotli ? brotli_ : nullptr);
}

}  // namespace crosstalk::peer
