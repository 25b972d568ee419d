// Data forms (XEP-0004), as values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xmpp/element.hpp"

namespace crosstalk::xmpp {

struct form_option {
    std::string value, label;
    bool operator==(const form_option&) const = default;
};

struct form_field {
    std::string var, type;
    std::vector<std::string> values;
    std::string label = {};
    bool is_required = false;
    std::vector<form_option> options = {};
    bool operator==(const form_field&) const = default;
};

struct data_form {
    std::vector<form_field> fields;
    std::string type = "result";  ///< "form", "submit", "cancel" or "result"
    std::string title = {}, instructions = {};
    /// A table beside or in place of the fields: its columns, and for each row a field for each of them.
    std::vector<form_field> columns = {};
    std::vector<std::vector<form_field>> rows = {};

    /// The value of the hidden FORM_TYPE, or "".
    [[nodiscard]] std::string_view form_type() const noexcept;
    /// The field's first value, or "".
    [[nodiscard]] std::string_view value(std::string_view var) const noexcept;
    [[nodiscard]] bool has(std::string_view var) const noexcept;
    /// All of the field's values.
    [[nodiscard]] std::vector<std::string> values(std::string_view var) const;
    bool operator==(const data_form&) const = default;
};

/// <x xmlns='jabber:x:data'/>.
[[nodiscard]] element to_element(const data_form& form);
/// From that <x/>.
[[nodiscard]] data_form read_form(const element& x);

}  // namespace crosstalk::xmpp
