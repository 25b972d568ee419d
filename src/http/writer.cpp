// Heads into one string, with its space reserved once.
#include "http/writer.hpp"

#include <algorithm>
#include <charconv>

#include "http/status.hpp"
#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

std::size_t size_of(const fields& headers) noexcept {
    std::size_t size = 2;
    for (const auto& [name, value] : headers) size += name.size() + value.size() + 4;
    return size;
}

/// Makes room for `more` bytes without giving up the doubling of std::string.
void make_room(std::string& out, std::size_t more) {
    const std::size_t needed = out.size() + more;
    if (needed > out.capacity()) out.reserve(std::max(needed, 2 * out.capacity()));
}

void append_fields(std::string& out, const fields& headers) {
    for (const auto& [name, value] : headers) append_field(out, name, value);
    out += "\r\n";
}

}  // namespace

bool is_safe(const fields& headers) noexcept {
    return std::all_of(headers.begin(), headers.end(),
                       [](const field& f) { return is_token(f.name) && is_field_value(f.value); });
}

bool is_safe(const request_head& head) noexcept {
    return is_token(head.method) && !head.target.empty() && is_visible(head.target) &&
           is_safe(head.headers);
}

bool is_safe(const response_head& head) noexcept {
    return head.status >= 100 && head.status <= 599 && is_field_value(head.reason) &&
           is_safe(head.headers);
}

void append_request_head(std::string& out, const request_head& head) {
    make_room(out, head.method.size() + head.target.size() + 12 + size_of(head.headers));
    out += head.method;
    out += ' ';
    out += head.target;
    out += " HTTP/1.1\r\n";
    append_fields(out, head.headers);
}

void append_response_head(std::string& out, const response_head& head) {
    const auto reason =
        head.reason.empty() ? reason_phrase(head.status) : std::string_view(head.reason);
    make_room(out, reason.size() + 15 + size_of(head.headers));
    out += "HTTP/1.1 ";
    append_decimal(out, head.status);
    out += ' ';
    out += reason;
    out += "\r\n";
    append_fields(out, head.headers);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

void append_decimal(std::string& out, std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void append_chunk_size(std::string& out, std::uint64_t size) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
    out.append(digits, end);
    out += "\r\n";
}

}  // namespace crosstalk::http
