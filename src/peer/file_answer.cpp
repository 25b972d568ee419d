// Heads and body parts for a file that has been opened.
#include "peer/file_answer.hpp"

#include <array>
#include <cstdio>

#include "base/digest.hpp"
#include "http/conditional.hpp"
#include "http/date.hpp"
#include "http/media_type.hpp"
#include "http/range.hpp"

namespace crosstalk::peer {
namespace {

void set_length(answer& a, std::uint64_t length) {
    a.start.headers.add("Content-Length", std::to_string(length));
}

/// The fields that 200, 206 and 304 have in common.
void add_validators(answer& a, const http::validators& current) {
    a.start.headers.add("ETag", current.etag);
    if (current.last_modified) {
        a.start.headers.add("Last-Modified", http::format_date(*current.last_modified));
    }
}

void add_content(answer& a, std::string content_type) {
    a.start.headers.add("Content-Type", std::move(content_type));
    a.start.headers.add("X-Content-Type-Options", "nosniff");
    a.start.headers.add("Accept-Ranges", "bytes");
}

answer whole(opened file, std::string_view type) {
    answer a;
    add_content(a, std::string{type});
    set_length(a, file.size);
    a.body = answer_body{std::move(file.fd), {{{}, 0, file.size}}};
    return a;
}

answer one_range(opened file, std::string_view type, http::byte_range range) {
    answer a;
    a.start.status = 206;
    add_content(a, std::string{type});
    a.start.headers.add("Content-Range", http::content_range(range, file.size));
    set_length(a, range.size());
    a.body = answer_body{std::move(file.fd), {{{}, range.first, range.size()}}};
    return a;
}

answer several_ranges(opened file, std::string_view type, const std::vector<http::byte_range>& ranges) {
    // From the entity tag, so that the same question has the same answer; as good as random in a file.
    const auto boundary =
        base::to_hex(base::digest(base::hash::sha256, entity_tag(file))).substr(0, 32);
    std::vector<body_part> parts;
    for (const auto& range : ranges) {
        parts.push_back(
            {http::multipart_part_head(boundary, type, range, file.size), range.first, range.size()});
    }
    parts.push_back({http::multipart_end(boundary), 0, 0});

    answer a;
    a.start.status = 206;
    add_content(a, http::multipart_media_type(boundary));
    a.body = answer_body{std::move(file.fd), std::move(parts)};
    set_length(a, a.body.left());
    return a;
}

answer with_content(const cgi::incoming_request& request, opened file, std::string_view type,
                    bool may_range) {
    const auto* asked = request.headers.find("Range");
    if (asked == nullptr || !may_range || request.method != "GET") return whole(std::move(file), type);
    const auto set = http::parse_range(*asked, file.size);
    switch (set.verdict) {
        case http::range_verdict::unsatisfiable: {
            auto a = make_page(416, "The file is shorter than what was asked for.", request.headers);
            a.start.headers.add("Content-Range", http::unsatisfied_content_range(file.size));
            return a;
        }
        case http::range_verdict::partial:
            return set.ranges.size() == 1 ? one_range(std::move(file), type, set.ranges.front())
                                          : several_ranges(std::move(file), type, set.ranges);
        case http::range_verdict::ignored:
            break;
    }
    return whole(std::move(file), type);
}

}  // namespace

std::string entity_tag(const opened& file) {
    std::array<char, 80> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "\"%llx-%llx.%lx-%llx\"", static_cast<unsigned long long>(file.inode),
        static_cast<unsigned long long>(file.modified.tv_sec),
        static_cast<unsigned long>(file.modified.tv_nsec), static_cast<unsigned long long>(file.size));
    return {text.data(), static_cast<std::size_t>(length)};
}

answer answer_with_file(const cgi::incoming_request& request, opened file, std::string_view name,
                        std::int64_t now) {
    http::validators current;
    current.etag = entity_tag(file);
    // RFC 9110, 8.8.2.1: never a date later than the answer's own.
    if (file.modified.tv_sec <= now) current.last_modified = file.modified.tv_sec;
    const auto verdict = http::evaluate_conditions(request.method, request.headers, current, now);
    if (verdict == http::condition_verdict::precondition_failed) {
        return make_page(412, "The file is not what the request expected it to be.", request.headers);
    }
    answer a;
    if (verdict == http::condition_verdict::not_modified) {
        a.start.status = 304;
    } else {
        const bool may_range = verdict != http::condition_verdict::ignore_range;
        a = with_content(request, std::move(file), http::media_type_of(name), may_range);
    }
    if (a.start.status < 400) add_validators(a, current);
    return a;
}

}  // namespace crosstalk::peer
