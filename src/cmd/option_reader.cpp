// See option_reader.hpp.
#include "cmd/option_reader.hpp"

namespace crosstalk::cmd {
namespace {

std::string option_name(std::string key) {
    if (key == "target") return "TARGET";
    for (char& c : key)
        if (c == '_') c = '-';
    return "--" + key;
}

}  // namespace

std::optional<given> option_reader::text(const char* key, std::optional<std::string> const& option) {
    auto in_file = file_ ? file_->text(key) : std::nullopt;
    if (option) return given{key, *option, false};
    if (in_file) return given{key, std::move(*in_file), true};
    return std::nullopt;
}

std::optional<given> option_reader::number(const char* key,
                                           std::optional<std::string> const& option) {
    auto const in_file = file_ ? file_->integer(key) : std::nullopt;
    if (option) return given{key, *option, false};
    if (in_file) return given{key, std::to_string(*in_file), true};
    return std::nullopt;
}

std::vector<given> option_reader::texts(const char* key,
                                        std::optional<std::vector<std::string>> const& option) {
    auto const in_file = file_ ? file_->text_or_texts(key) : std::nullopt;
    std::vector<given> out;
    for (std::string const& value : option ? *option : in_file.value_or(std::vector<std::string>{}))
        out.push_back({key, value, !option});
    return out;
}

bool option_reader::flag(const char* key, bool option) {
    auto const in_file = file_ ? file_->boolean(key) : std::nullopt;
    return option || in_file.value_or(false);
}

std::string option_reader::path(given const& g) const {
    return g.is_from_file ? file_->beside(g.value) : g.value;
}

void option_reader::complain(given const& g, std::string const& problem) {
    if (g.is_from_file)
        file_->complain(g.key, problem);
    else
        found_.errors.push_back(option_name(g.key) + ": " + problem);
}

void option_reader::refuse(given const& g, std::string const& expected) {
    complain(g, "expected " + expected + ", found \"" + g.value + "\"");
}

void option_reader::warn(given const& g, std::string const& problem) {
    if (g.is_from_file)
        file_->warn(g.key, problem);
    else
        found_.warnings.push_back(option_name(g.key) + ": " + problem);
}

void option_reader::require(const char* key, std::string const& what) {
    bool const is_of_wrong_type = file_ && file_->has(key);
    if (!is_of_wrong_type) found_.errors.push_back(option_name(key) + " is required: " + what);
}

void option_reader::leave(const char* key) {
    if (file_) file_->leave(key);
}

}  // namespace crosstalk::cmd
