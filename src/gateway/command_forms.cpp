// See command_forms.hpp.
#include "gateway/command_forms.hpp"

#include <algorithm>

#include "http/syntax.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::command_fault;

namespace {

constexpr std::string_view white = " \t\r\n";
constexpr std::string_view between = " \t\r\n,;";  ///< none of them can be in a JID
constexpr std::size_t longest_told = 100;          ///< of what was typed, in an error
constexpr std::size_t longest_name = 100;          ///< longer than any name can be
constexpr std::size_t most_subjects = 1000;        ///< in one form

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

std::string told(std::string_view typed) {
    if (typed.size() <= longest_told) return '"' + std::string(typed) + '"';
    auto end = longest_told;
    while (end > 0 && (static_cast<unsigned char>(typed[end]) & 0xC0U) == 0x80U) --end;
    return '"' + std::string(typed.substr(0, end)) + "…\"";
}

}  // namespace

xmpp::form_field text_field(std::string var, std::string label, std::string value) {
    return {std::move(var), "text-single", {std::move(value)}, std::move(label)};
}

xmpp::form_field list_field(std::string var, std::string label, std::vector<xmpp::form_option> options, std::string value) {
    return {std::move(var), "list-single", {std::move(value)}, std::move(label), false, std::move(options)};
}

xmpp::form_field jids_field(std::string var, std::string label, std::vector<std::string> values) {
    return {std::move(var), "jid-multi", std::move(values), std::move(label)};
}

xmpp::form_field visibility_field(visibility chosen) {
    auto field = list_field("visibility", "Who may see it",
                            {{"public", "Everybody"}, {"roster", "My contacts"}, {"listed", "Guests whom I name"}},
                            std::string(to_text(chosen)));
    return required(std::move(field));
}

xmpp::form_field hidden_field(std::string var, std::string value) {
    return {std::move(var), "hidden", {std::move(value)}};
}

xmpp::form_field required(xmpp::form_field field) {
    field.is_required = true;
    return field;
}

xmpp::data_form form_of(std::string title, std::string instructions, std::vector<xmpp::form_field> fields) {
    xmpp::data_form form;
    form.type = "form";
    form.title = std::move(title);
    form.instructions = std::move(instructions);
    form.fields = std::move(fields);
    return form;
}

xmpp::command_reply done(std::string text) {
    xmpp::command_reply reply;
    reply.notes.push_back({xmpp::command_note::kind::info, std::move(text)});
    return reply;
}

xmpp::data_form table_of(std::string title, const std::vector<xmpp::form_option>& columns,
                         const std::vector<std::vector<std::string>>& rows) {
    xmpp::data_form form;
    form.title = std::move(title);
    for (const auto& [var, label] : columns) form.columns.push_back({var, "text-single", {}, label});
    for (const auto& row : rows) {
        auto& fields = form.rows.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) fields.push_back({columns.at(i).value, "", {row[i]}});
    }
    return form;
}

xmpp::data_form facts_of(std::string title, std::vector<xmpp::form_field> facts) {
    xmpp::data_form form;
    form.title = std::move(title);
    form.fields = std::move(facts);
    return form;
}

xmpp::form_field fact(std::string var, std::string label, std::string value) {
    return {std::move(var), "text-single", {std::move(value)}, std::move(label)};
}

std::string text_of(const xmpp::data_form& form, std::string_view var) { return std::string(trimmed(form.value(var))); }

std::string name_of(const xmpp::data_form& form, std::string_view var) {
    auto name = text_of(form, var);
    name.resize(std::min(name.size(), longest_name));
    return http::in_lower_case(name);
}

std::optional<std::string> parse_subject(std::string_view typed) {
    const auto read = xmpp::jid::parse(typed);
    if (!read || !read->is_bare()) return std::nullopt;
    return read->bare();
}

std::optional<std::string> parse_owner(std::string_view typed) {
    const auto read = xmpp::jid::parse(typed);
    if (!read || !read->is_bare() || read->node().empty()) return std::nullopt;
    return read->bare();
}

bool subjects::add(std::string_view typed) {
    if (auto prepared = parse_subject(typed))
        all.push_back(*std::move(prepared));
    else
        wrong = no_subject(typed);
    if (all.size() > most_subjects)
        wrong = {command_fault::bad_payload, "Name at most " + std::to_string(most_subjects) + " at once. A domain stands for all its people."};
    return !wrong;
}

subjects subjects_of(const xmpp::data_form& form, std::string_view var) {
    subjects read;
    for (const auto& value : form.values(var)) {
        std::string_view rest = value;
        for (auto at = rest.find_first_not_of(between); at != std::string_view::npos; at = rest.find_first_not_of(between)) {
            rest.remove_prefix(at);
            const auto typed = rest.substr(0, rest.find_first_of(between));
            rest.remove_prefix(typed.size());
            if (!read.add(typed)) return read;
        }
    }
    return read;
}

xmpp::command_error no_subject(std::string_view typed) {
    return {command_fault::bad_payload,
            told(typed) + " is neither a JID like romeo@montague.example, without a resource, nor a domain like montague.example."};
}

xmpp::command_error no_owner(std::string_view typed) {
    return {command_fault::bad_payload, told(typed) + " is no JID like romeo@montague.example, without a resource."};
}

std::string count_of(std::size_t number, std::string_view noun) {
    return std::to_string(number) + ' ' + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace crosstalk::gateway
