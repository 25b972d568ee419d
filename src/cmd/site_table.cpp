// Sites as text. Names are DNS labels, owners prepared JIDs, URLs our own: only JSON needs escaping.
#include "cmd/site_table.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace crosstalk::cmd {
namespace {

using row = std::vector<std::string>;

std::string when(std::int64_t seconds) {
    if (seconds == 0) return "-";
    auto const time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    std::array<char, 32> text{};
    if (gmtime_r(&time, &parts) == nullptr) return "-";
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

const char* bound_by(gateway::site const& site) { return site.fixed ? "fixed" : "registry"; }

std::string seen_by(gateway::site const& site) {
    return site.suspended ? "nobody" : std::string(to_text(site.seen_by));
}

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

std::string aligned(std::vector<row> const& rows) {
    std::vector<std::size_t> widths(rows.front().size());
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

std::string json_list(std::vector<std::string> const& texts) {
    std::string out;
    for (std::string const& text : texts) out += (out.empty() ? "" : ",") + json_string(text);
    return "[" + out + "]";
}

std::string joined(std::vector<std::string> const& texts) {
    std::string out;
    for (std::string const& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out.empty() ? "-" : out;
}

}  // namespace

std::string as_table(const std::vector<shown_site>& sites) {
    std::vector<row> rows{{"NAME", "OWNER", "SEEN BY", "BOUND BY", "CREATED", "URL"}};
    for (shown_site const& s : sites)
        rows.push_back({s.site.name, s.site.owner, seen_by(s.site), bound_by(s.site), when(s.site.created), s.url});
    return aligned(rows);
}

std::string as_table(const std::vector<gateway::policy>& rules) {
    std::vector<row> rows{{"WHO", "RULE", "VALUE", "SET BY"}};
    for (auto const& [subject, key, value, fixed] : rules)
        rows.push_back({subject, std::string(to_text(key)), std::to_string(value), fixed ? "configuration" : "command"});
    return aligned(rows);
}

std::string as_json(const std::vector<gateway::policy>& rules) {
    std::string out;
    for (auto const& [subject, key, value, fixed] : rules)
        out += "{\"who\":" + json_string(subject) + ",\"rule\":" + json_string(std::string(to_text(key))) +
               ",\"value\":" + std::to_string(value) + ",\"fixed\":" + (fixed ? "true" : "false") + "}\n";
    return out;
}

std::string as_lines(const shown_site& s) {
    return "name:     " + s.site.name + "\nowner:    " + s.site.owner +
           "\nseen by:  " + seen_by(s.site) + "\nguests:   " + joined(s.site.guests) + "\nhosts:    " + joined(s.site.hosts) +
           "\nbound by: " + bound_by(s.site) + "\ncreated:  " + when(s.site.created) +
           "\nurl:      " + s.url + '\n';
}

std::string as_json(const shown_site& s) {
    std::string out = "{\"name\":" + json_string(s.site.name) +
                      ",\"owner\":" + json_string(s.site.owner) +
                      ",\"fixed\":" + (s.site.fixed ? "true" : "false") +
                      ",\"visibility\":" + json_string(std::string(to_text(s.site.seen_by))) +
                      ",\"suspended\":" + (s.site.suspended ? "true" : "false") +
                      ",\"guests\":" + json_list(s.site.guests) +
                      ",\"hosts\":" + json_list(s.site.hosts);
    if (s.site.created != 0) out += ",\"created\":" + json_string(when(s.site.created));
    return out + ",\"url\":" + json_string(s.url) + "}\n";
}

}  // namespace crosstalk::cmd
