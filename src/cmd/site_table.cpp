// Sites as text. Names are DNS labels, owners prepared JIDs, URLs our own: only JSON needs escaping.
#include "cmd/site_table.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace crosstalk::cmd {
namespace {

using row = std::array<std::string, 5>;

std::string when(std::int64_t seconds) {
    if (seconds == 0) return "-";
    auto const time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    std::array<char, 32> text{};
    if (gmtime_r(&time, &parts) == nullptr) return "-";
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

const char* bound_by(gateway::site const& site) { return site.fixed ? "fixed" : "registry"; }

/// Columns on a terminal, nearly: code points.
std::size_t width(std::string const& utf8) {
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string json_string(std::string const& text) {
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + '"';
}

}  // namespace

std::string as_table(const std::vector<shown_site>& sites) {
    std::vector<row> rows{{"NAME", "OWNER", "BOUND BY", "CREATED", "URL"}};
    for (shown_site const& s : sites)
        rows.push_back({s.site.name, s.site.owner, bound_by(s.site), when(s.site.created), s.url});
    std::array<std::size_t, 5> widths{};
    for (row const& r : rows)
        for (std::size_t i = 0; i < r.size(); ++i) widths[i] = std::max(widths[i], width(r[i]));
    std::string out;
    for (row const& r : rows) {
        for (std::size_t i = 0; i + 1 < r.size(); ++i)
            out += r[i] + std::string(widths[i] - width(r[i]) + 2, ' ');
        out += r.back() + '\n';
    }
    return out;
}

std::string as_lines(const shown_site& s) {
    return "name:     " + s.site.name + "\nowner:    " + s.site.owner +
           "\nbound by: " + bound_by(s.site) + "\ncreated:  " + when(s.site.created) +
           "\nurl:      " + s.url + '\n';
}

std::string as_json(const shown_site& s) {
    std::string out = "{\"name\":" + json_string(s.site.name) +
                      ",\"owner\":" + json_string(s.site.owner) +
                      ",\"fixed\":" + (s.site.fixed ? "true" : "false");
    if (s.site.created != 0) out += ",\"created\":" + json_string(when(s.site.created));
    return out + ",\"url\":" + json_string(s.url) + "}\n";
}

}  // namespace crosstalk::cmd
