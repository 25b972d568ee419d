// Writing the page of a folder.
#include "peer/listing.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "http/html.hpp"
#include "http/target.hpp"

namespace crosstalk::peer {
namespace {

constexpr std::string_view style =
    "<style>body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th{text-align:left}"
    "td,th{padding:.1rem 1rem .1rem 0}.n{text-align:right;white-space:nowrap}"
    "td:first-child{overflow-wrap:anywhere}</style>\n";

/// The length of the UTF-8 sequence at the start of `bytes` (not empty), or 0 when it is none.
std::size_t sequence_length(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || bytes.size() < length) return 0;
    // Second bytes that would make an overlong form, a surrogate, or more than U+10FFFF.
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80) return 0;
    }
    return length;
}

void append_size(std::string& out, std::uint64_t bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::size_t unit = 0;
    auto amount = static_cast<double>(bytes);
    for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    out += text.data();
}

void append_time(std::string& out, std::time_t when) {
    std::tm parts{};
    if (::gmtime_r(&when, &parts) == nullptr) return;
    std::array<char, 40> text{};
    if (std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts) > 0) out += text.data();
}

void append_row(std::string& out, const folder_entry& entry) {
    const std::string_view slash = entry.is_folder ? "/" : "";
    // "./" in front: a name like "javascript:x" would be a scheme.
    out += "<tr><td><a href=\"./";
    http::append_html_escaped(out, http::percent_encode_segment(entry.name));
    out.append(slash).append("\">");
    http::append_html_escaped(out, to_utf8(entry.name));
    out.append(slash).append("</a></td><td class=\"n\">");
    if (!entry.is_folder) append_size(out, entry.size);
    out += "</td><td class=\"n\">";
    append_time(out, entry.modified);
    out += "</td></tr>\n";
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        text += length > 0 ? bytes.substr(0, length) : std::string_view{"\xef\xbf\xbd"};
        bytes.remove_prefix(length > 0 ? length : 1);
    }
    return text;
}

std::string listing_page(std::string_view path, const folder_listing& listing) {
    std::string title;
    http::append_html_escaped(title, to_utf8(path));
    std::string page =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    page.append(title).append("</title>\n").append(style).append("<h1>").append(title);
    page +=
        "</h1>\n<table>\n<tr><th>Name</th><th class=\"n\">Size</th><th class=\"n\">Changed</th></tr>\n";
    if (path != "/") page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
    for (const auto& entry : listing.entries) append_row(page, entry);
    page += "</table>\n";
    if (listing.is_cut) page += "<p>There is more in this folder than is shown here.</p>\n";
    page += "</html>\n";
    return page;
}

}  // namespace crosstalk::peer
