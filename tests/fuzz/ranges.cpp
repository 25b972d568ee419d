// Fuzzes ranges of a file: the Range field, and what a folder answers to it, parts included.
//
// The first byte chooses the file's size and the pieces in which the answer is read; the rest is the
// value of Range, and of If-Range behind a line feed. Promises: a body is as long as its head says,
// each part holds the bytes that it names, and no answer is much longer than the file.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "http/range.hpp"
#include "http/syntax.hpp"
#include "peer/file_answer.hpp"

namespace {

using namespace crosstalk;

constexpr std::array<std::size_t, 4> sizes{0, 1, 100, 1000};

void require(bool promise) {
    if (!promise) std::abort();
}

/// The file's bytes: no two places that lie near each other look the same.
const std::string& content() {
    static const std::string bytes = [] {
        std::string made;
        for (unsigned i = 0; made.size() < sizes.back(); ++i) made += std::to_string(i) + '\n';
        made.resize(sizes.back());
        return made;
    }();
    return bytes;
}

peer::opened open_file(std::size_t size) {
    const int fd = ::memfd_create("file", MFD_CLOEXEC);
    require(fd >= 0 && ::write(fd, content().data(), size) == static_cast<ssize_t>(size));
    peer::opened file;
    file.fd = peer::descriptor(fd);
    file.inode = 1;
    file.size = size;
    file.modified.tv_sec = 1000;
    return file;
}

std::string body_of(peer::answer& a, std::size_t step) {
    std::string bytes;
    while (a.body.left() > 0) {
        const auto before = bytes.size();
        require(a.body.read(bytes, step).has_value());
        require(bytes.size() > before && bytes.size() <= before + step);
    }
    return bytes;
}

std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view end) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (read.ec != std::errc() || !text.starts_with(end)) return std::nullopt;
    text.remove_prefix(end.size());
    return number;
}

/// The range that a Content-Range names, of a file of that size.
http::byte_range named_range(std::string_view text, std::size_t size) {
    require(text.starts_with("bytes "));
    text.remove_prefix(6);
    const auto first = take_number(text, "-");
    const auto last = take_number(text, "/");
    const auto all = take_number(text, "");
    require(first && last && all && text.empty());
    require(*first <= *last && *last < size && *all == size);
    return {*first, *last};
}

std::string_view bytes_in(http::byte_range r) {
    return std::string_view(content()).substr(r.first, r.size());
}

std::string_view take_line(std::string_view& rest) {
    const auto end = rest.find("\r\n");
    require(end != std::string_view::npos);
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

void check_parts(std::string_view type, std::string_view body, std::size_t size) {
    constexpr std::string_view start = "multipart/byteranges; boundary=";
    require(type.starts_with(start));
    const std::string delimiter = "--" + std::string(type.substr(start.size()));
    std::size_t count = 0;
    for (std::uint64_t next = 0;; ++count) {
        require(take_line(body).empty());
        const auto line = take_line(body);
        if (line == delimiter + "--") break;
        require(line == delimiter);
        require(take_line(body) == "Content-Type: text/plain; charset=utf-8");
        auto field = take_line(body);
        require(field.starts_with("Content-Range: "));
        const auto range = named_range(field.substr(15), size);
        require(take_line(body).empty());
        // In order, and apart: bytes that touch would have been one part.
        require(count == 0 || range.first > next);
        next = range.last + 1;
        require(body.starts_with(bytes_in(range)));
        body.remove_prefix(range.size());
    }
    require(body.empty() && count > 1 && count <= 32);
}

void check(peer::answer a, std::size_t size, std::size_t step) {
    const auto body = body_of(a, step);
    const auto& headers = a.start.headers;
    require(headers.get("Content-Length") == std::to_string(body.size()));
    const bool is_part = headers.find("Content-Range") != nullptr;
    if (a.start.status == 200) {
        require(!is_part && body == content().substr(0, size));
    } else if (a.start.status == 416) {
        require(headers.get("Content-Range") == "bytes */" + std::to_string(size));
    } else if (is_part) {
        require(a.start.status == 206);
        require(body == bytes_in(named_range(headers.get("Content-Range"), size)));
    } else {
        require(a.start.status == 206);
        check_parts(headers.get("Content-Type"), body, size);
    }
    require(body.size() <= size + 33 * 200);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto range = text.substr(0, text.find('\n'));
    cgi::incoming_request request;
    request.method = "GET";
    for (const auto value : {range, text.substr(std::min(range.size() + 1, text.size()))}) {
        if (!http::is_field_value(value)) return 0;
        if (!value.empty())
            request.headers.add(request.headers.empty() ? "Range" : "If-Range", std::string(value));
    }
    const auto file_size = sizes[bytes[0] & 3];
    const std::size_t step = 1 + 4 * (bytes[0] >> 2);
    check(peer::answer_with_file(request, open_file(file_size), "a.txt", 2000), file_size, step);
    return 0;
}
