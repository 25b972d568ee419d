// The fields of forms that people fill in, and what they have filled in, read without belief.
//
// Rule: every error says in words what to write instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/site.hpp"
#include "xmpp/ad_hoc.hpp"

namespace crosstalk::gateway {

/// What a command comes to: a form to be filled in, an end, or an error.
using command_outcome = std::variant<xmpp::data_form, xmpp::command_reply, xmpp::command_error>;

// Fields to be filled in.

[[nodiscard]] xmpp::form_field text_field(std::string var, std::string label, std::string value = {});
[[nodiscard]] xmpp::form_field list_field(std::string var, std::string label, std::vector<xmpp::form_option> options,
                                          std::string value = {});
/// JIDs and domains, one on each line.
[[nodiscard]] xmpp::form_field jids_field(std::string var, std::string label, std::vector<std::string> values = {});
[[nodiscard]] xmpp::form_field visibility_field(visibility chosen);
[[nodiscard]] xmpp::form_field hidden_field(std::string var, std::string value);
[[nodiscard]] xmpp::form_field required(xmpp::form_field field);
/// A form to be filled in.
[[nodiscard]] xmpp::data_form form_of(std::string title, std::string instructions, std::vector<xmpp::form_field> fields);

// Ends.

[[nodiscard]] xmpp::command_reply done(std::string text);
/// A table of `columns` (var and label), each row with a value for each of them.
[[nodiscard]] xmpp::data_form table_of(std::string title, const std::vector<xmpp::form_option>& columns,
                                       const std::vector<std::vector<std::string>>& rows);
/// A result of one line for each field.
[[nodiscard]] xmpp::data_form facts_of(std::string title, std::vector<xmpp::form_field> facts);
[[nodiscard]] xmpp::form_field fact(std::string var, std::string label, std::string value);

// What was filled in.

/// The field's value without white space at its ends.
[[nodiscard]] std::string text_of(const xmpp::data_form& form, std::string_view var);
/// The same in lower case, as names of sites are.
[[nodiscard]] std::string name_of(const xmpp::data_form& form, std::string_view var = "name");
/// `typed`, prepared, if it is a bare JID or a domain.
[[nodiscard]] std::optional<std::string> parse_subject(std::string_view typed);
/// `typed`, prepared, if it is NODE@DOMAIN.
[[nodiscard]] std::optional<std::string> parse_owner(std::string_view typed);

/// Bare JIDs and domains of a field of several lines, prepared.
struct subjects {
    std::vector<std::string> all;
    std::optional<xmpp::command_error> wrong = {};  ///< what is none, or that they are too many

    /// Whether it could be added.
    [[nodiscard]] bool add(std::string_view typed);
};
[[nodiscard]] subjects subjects_of(const xmpp::data_form& form, std::string_view var);
[[nodiscard]] xmpp::command_error no_subject(std::string_view typed);
[[nodiscard]] xmpp::command_error no_owner(std::string_view typed);

/// How many sites, people and requests a person reads: "1 site", "3 sites".
[[nodiscard]] std::string count_of(std::size_t number, std::string_view noun);

}  // namespace crosstalk::gateway
