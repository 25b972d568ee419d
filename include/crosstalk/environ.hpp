// The request object: one HTTP request as a CGI-like dictionary (RFC 3875, PEP 3333).
//
// Rule 1: values hold bytes; on the wire each byte is the code point of the same number.
// Rule 2: names are unique. Which names may enter is decided in cgi/, not here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::cgi {

/// A CGI variable.
struct variable {
    std::string name;
    std::string value;
    bool operator==(const variable&) const = default;
};

/// An ordered dictionary of CGI variables. Lookup is linear: a request has a few dozen.
class environ_map {
  public:
    environ_map() = default;
    environ_map(std::initializer_list<variable> list) : list_(list) {}

    [[nodiscard]] auto begin() const noexcept { return list_.begin(); }
    [[nodiscard]] auto end() const noexcept { return list_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

    /// The value of `name`, or null. Valid until the map changes.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    /// The value of `name`, or "" when it is absent.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    /// Adds a variable, or replaces the one of that name.
    void set(std::string_view name, std::string value);
    /// Appends without looking whether `name` is there already: for callers that know.
    void append(std::string name, std::string value) {
        if (list_.empty()) list_.reserve(usual_count);
        list_.push_back({std::move(name), std::move(value)});
    }
    void erase(std::string_view name);
    bool operator==(const environ_map&) const = default;

  private:
    static constexpr std::size_t usual_count = 32;

    std::vector<variable> list_;
};

}  // namespace crosstalk::cgi
