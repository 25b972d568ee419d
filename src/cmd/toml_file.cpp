// Looking keys up in what toml++ has parsed, and telling what is wrong there.
#include "cmd/toml_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cmd/text_file.hpp"

namespace crosstalk::cmd {
namespace {

struct report {
    std::size_t line;
    std::string text;
};

std::string in_quotes(std::string_view text) {
    constexpr std::size_t max = 100;
    std::string out = "\"";
    std::size_t end = std::min(text.size(), max);
    while (end < text.size() && end > 0 && (text[end] & 0xc0) == 0x80) --end;  // between characters
    for (char const c : text.substr(0, end)) out.push_back(c >= 0x20 || c < 0 ? c : '?');
    return out + (end < text.size() ? "…\"" : "\"");
}

std::string type_of(toml::node const& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "a list";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "a number";
        case toml::node_type::floating_point:
            return "a number with a fraction";
        case toml::node_type::boolean:
            return "a boolean";
        default:
            return "a date or time";
    }
}

std::string describe(toml::node const& node) {
    if (auto const* const text = node.as_string()) return in_quotes(text->get());
    if (auto const* const number = node.as_integer()) return std::to_string(number->get());
    if (auto const* const flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return type_of(node);
}

std::size_t end_of_first(std::string_view key) {
    auto const from = key.starts_with('"') ? std::min(key.find('"', 1), key.size()) : 0;
    return std::min(key.find('.', from), key.size());
}

std::string_view first_of(std::string_view key) {
    auto const part = key.substr(0, end_of_first(key));
    bool const is_quoted = part.size() > 1 && part.front() == '"' && part.back() == '"';
    return is_quoted ? part.substr(1, part.size() - 2) : part;
}

std::string_view parent_of(std::string_view key) {
    auto const from = key.ends_with('"') && key.size() > 1 ? key.rfind('"', key.size() - 2) : key.size();
    auto const dot = key.substr(0, std::min(from, key.size())).rfind('.');
    return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

}  // namespace

struct toml_file::state {
    std::string path;
    findings* found = nullptr;
    toml::table root;
    std::vector<report> errors;
    std::set<std::string, std::less<>> known;  // keys that were asked for
    bool is_world_readable = false;

    [[nodiscard]] toml::node const* find(std::string_view key) const {
        toml::node const* node = &root;
        while (node != nullptr && !key.empty()) {
            auto const* const table = node->as_table();
            node = table == nullptr ? nullptr : table->get(first_of(key));
            key.remove_prefix(std::min(end_of_first(key) + 1, key.size()));
        }
        return node;
    }

    toml::node const* ask(std::string_view key) {
        known.emplace(key);
        return find(key);
    }

    [[nodiscard]] std::string place(std::size_t line, std::string_view key) const {
        return path + ":" + std::to_string(line) + ": key \"" + std::string(key) + "\": ";
    }

    void error(std::size_t line, std::string_view key, std::string_view text) {
        errors.push_back({line, place(line, key) + std::string(text)});
    }

    void mismatch(toml::node const& node, std::string_view key, std::string_view expected,
                  std::string_view what) {
        error(line_of(node), key, "expected " + std::string(expected) + ", found " + std::string(what));
    }

    [[nodiscard]] static std::size_t line_of(toml::node const& node) {
        return std::max<std::size_t>(node.source().begin.line, 1);
    }

    [[nodiscard]] std::size_t line_of(std::string_view key) const {
        for (; !key.empty(); key = parent_of(key))
            if (auto const* const node = find(key)) return line_of(*node);
        return 1;
    }

    std::optional<std::vector<std::string>> strings_in(toml::array const& list, std::string_view key) {
        std::vector<std::string> out;
        for (toml::node const& item : list) {
            if (auto const* const text = item.as_string())
                out.push_back(text->get());
            else
                mismatch(item, key, "a list of strings", type_of(item) + " in it");
        }
        if (out.size() != list.size()) return std::nullopt;
        return out;
    }

    [[nodiscard]] bool is_parent_of_known(std::string const& key) const {
        auto const after = known.lower_bound(key + ".");
        return after != known.end() && after->starts_with(key + ".");
    }

    [[nodiscard]] std::string siblings_of(std::string_view key) const {
        std::string const prefix = key.empty() ? "" : std::string(key) + ".";
        std::vector<std::string> names;
        for (std::string const& k : known) {
            if (!k.starts_with(prefix)) continue;
            std::string name(first_of(std::string_view(k).substr(prefix.size())));
            if (names.empty() || names.back() != name) names.push_back(std::move(name));
        }
        return one_of(names);
    }

    void report_unknown(toml::table const& table, std::string const& prefix) {
        for (auto const& [name, node] : table) {
            std::string const key = key_in(prefix, name.str());
            if (known.contains(key)) continue;
            if (!is_parent_of_known(key))
                error(line_of(node), key,
                      "unknown key; expected " + siblings_of(parent_of(key)) + ", found " +
                          in_quotes(name.str()));
            else if (auto const* const inner = node.as_table())
                report_unknown(*inner, key);
            else
                mismatch(node, key, "a table", type_of(node));
        }
    }
};

toml_file::toml_file(std::unique_ptr<state> s) : state_(std::move(s)) {}
toml_file::toml_file(toml_file&&) noexcept = default;
toml_file& toml_file::operator=(toml_file&&) noexcept = default;
toml_file::~toml_file() = default;

std::optional<toml_file> toml_file::read(const std::string& path, findings& found) {
    auto const text = read_text_file(path, 1024 * 1024);
    if (!text.error.empty()) {
        found.errors.push_back(path + ": " + text.error);
        return std::nullopt;
    }
    auto s = std::make_unique<state>();
    s->path = path;
    s->found = &found;
    s->is_world_readable = text.is_world_readable;
    try {
        s->root = toml::parse(text.content, path);
    } catch (toml::parse_error const& error) {
        found.errors.push_back(path + ":" + std::to_string(error.source().begin.line) + ": " +
                               std::string(error.description()));
        return std::nullopt;
    }
    return toml_file(std::move(s));
}

std::string toml_file::key_in(std::string_view table, std::string_view name) {
    std::string key(table);
    if (!key.empty()) key += '.';
    bool const has_dots = name.find('.') != std::string_view::npos;
    return has_dots ? key + '"' + std::string(name) + '"' : key + std::string(name);
}

std::optional<std::string> toml_file::text(std::string_view key) {
    auto const* const node = state_->ask(key);
    if (node == nullptr) return std::nullopt;
    if (auto const* const text = node->as_string()) return text->get();
    state_->mismatch(*node, key, "a string", type_of(*node));
    return std::nullopt;
}

std::optional<std::int64_t> toml_file::integer(std::string_view key) {
    auto const* const node = state_->ask(key);
    if (node == nullptr) return std::nullopt;
    if (auto const* const number = node->as_integer()) return number->get();
    state_->mismatch(*node, key, "a whole number", describe(*node));
    return std::nullopt;
}

std::optional<bool> toml_file::boolean(std::string_view key) {
    auto const* const node = state_->ask(key);
    if (node == nullptr) return std::nullopt;
    if (auto const* const flag = node->as_boolean()) return flag->get();
    state_->mismatch(*node, key, "true or false", describe(*node));
    return std::nullopt;
}

std::optional<std::vector<std::string>> toml_file::texts(std::string_view key) {
    auto const* const node = state_->ask(key);
    if (node == nullptr) return std::nullopt;
    if (auto const* const list = node->as_array()) return state_->strings_in(*list, key);
    state_->mismatch(*node, key, "a list of strings", describe(*node));
    return std::nullopt;
}

std::optional<std::vector<std::string>> toml_file::text_or_texts(std::string_view key) {
    auto const* const node = state_->ask(key);
    if (node == nullptr || !node->is_string()) return texts(key);
    return std::vector{node->as_string()->get()};
}

std::vector<std::string> toml_file::keys(std::string_view key) {
    std::vector<std::string> names;
    auto const* const node = state_->find(key);
    auto const* const table = node == nullptr ? nullptr : node->as_table();
    if (table != nullptr)
        for (auto const& [name, value] : *table) names.emplace_back(name.str());
    else if (node != nullptr)
        state_->mismatch(*node, key, "a table", type_of(*node));
    // What is in a table is asked for key by key.
    if (names.empty()) leave(key);
    return names;
}

bool toml_file::is_table(std::string_view key) const {
    auto const* const node = state_->find(key);
    return node != nullptr && node->is_table();
}

bool toml_file::has(std::string_view key) const { return state_->find(key) != nullptr; }

void toml_file::refuse(std::string_view key, std::string_view expected) {
    if (auto const* const node = state_->find(key))
        state_->mismatch(*node, key, expected, describe(*node));
}

void toml_file::refuse_item(std::string_view key, std::size_t index, std::string_view expected) {
    auto const* const node = state_->find(key);
    auto const* const list = node == nullptr ? nullptr : node->as_array();
    if (list == nullptr || index >= list->size()) return refuse(key, expected);
    toml::node const& item = *list->get(index);
    state_->mismatch(item, key, expected, describe(item));
}

void toml_file::complain(std::string_view key, std::string_view problem) {
    state_->error(state_->line_of(key), key, problem);
}

void toml_file::warn(std::string_view key, std::string_view problem) {
    state_->found->warnings.push_back(state_->place(state_->line_of(key), key) + std::string(problem));
}

void toml_file::require(std::string_view key, std::string_view expected) {
    complain(key, "expected " + std::string(expected) + ", found nothing: this key is required");
}

void toml_file::not_supported(std::string_view key) {
    if (state_->ask(key) != nullptr) complain(key, "not supported by this version; remove it");
}

void toml_file::leave(std::string_view key) { (void)state_->ask(key); }

void toml_file::finish() {
    state_->report_unknown(state_->root, "");
    auto& errors = state_->errors;
    std::stable_sort(errors.begin(), errors.end(),
                     [](report const& a, report const& b) { return a.line < b.line; });
    for (report& e : errors) state_->found->errors.push_back(std::move(e.text));
    errors.clear();
}

bool toml_file::is_world_readable() const noexcept { return state_->is_world_readable; }

std::string toml_file::beside(const std::string& path) const {
    return (std::filesystem::path(state_->path).parent_path() / path).string();
}

}  // namespace crosstalk::cmd
