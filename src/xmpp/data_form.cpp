// See data_form.hpp.
#include "xmpp/data_form.hpp"

#include <algorithm>

namespace crosstalk::xmpp {

namespace {

element& add_to(element& parent, std::string name) {
    return parent.add(element(std::move(name), std::string(ns::data_form)));
}

void write_field(element& x, const form_field& f) {
    element& field = add_to(x, "field");
    field.set("var", f.var);
    if (!f.type.empty()) field.set("type", f.type);
    if (!f.label.empty()) field.set("label", f.label);
    if (f.is_required) add_to(field, "required");
    for (const std::string& value : f.values) add_to(field, "value").set_text(value);
    for (const form_option& o : f.options) {
        element& option = add_to(field, "option");
        if (!o.label.empty()) option.set("label", o.label);
        add_to(option, "value").set_text(o.value);
    }
}

form_field read_field(const element& field) {
    form_field f;
    f.var = field.attr("var");
    f.type = field.attr("type");
    f.label = field.attr("label");
    for (const element& e : field.children()) {
        if (e.is("value", ns::data_form)) f.values.push_back(e.text());
        if (e.is("required", ns::data_form)) f.is_required = true;
        if (!e.is("option", ns::data_form)) continue;
        const element* const value = e.child("value", ns::data_form);
        f.options.push_back({value == nullptr ? std::string() : value->text(), std::string(e.attr("label"))});
    }
    return f;
}

void write_fields(element& parent, const std::vector<form_field>& fields) {
    for (const form_field& f : fields) write_field(parent, f);
}

std::vector<form_field> read_fields(const element& parent) {
    std::vector<form_field> fields;
    for (const element& field : parent.children())
        if (field.is("field", ns::data_form)) fields.push_back(read_field(field));
    return fields;
}

const form_field* find(const data_form& form, std::string_view var) noexcept {
    const auto at = std::ranges::find(form.fields, var, &form_field::var);
    return at == form.fields.end() ? nullptr : &*at;
}

}  // namespace

std::string_view data_form::form_type() const noexcept {
    for (const form_field& f : fields)
        if (f.var == "FORM_TYPE" && f.type == "hidden" && !f.values.empty()) return f.values.front();
    return {};
}

std::string_view data_form::value(std::string_view var) const noexcept {
    const form_field* const f = find(*this, var);
    return f == nullptr || f->values.empty() ? std::string_view() : f->values.front();
}

bool data_form::has(std::string_view var) const noexcept { return find(*this, var) != nullptr; }

std::vector<std::string> data_form::values(std::string_view var) const {
    const form_field* const f = find(*this, var);
    return f == nullptr ? std::vector<std::string>() : f->values;
}

element to_element(const data_form& form) {
    element x("x", std::string(ns::data_form));
    x.set("type", form.type);
    if (!form.title.empty()) add_to(x, "title").set_text(form.title);
    if (!form.instructions.empty()) add_to(x, "instructions").set_text(form.instructions);
    write_fields(x, form.fields);
    if (!form.columns.empty()) write_fields(add_to(x, "reported"), form.columns);
    for (const auto& row : form.rows) write_fields(add_to(x, "item"), row);
    return x;
}

data_form read_form(const element& x) {
    data_form form;
    form.type = x.attr("type");
    if (const auto* title = x.child("title", ns::data_form)) form.title = title->text();
    if (const auto* told = x.child("instructions", ns::data_form)) form.instructions = told->text();
    form.fields = read_fields(x);
    if (const auto* reported = x.child("reported", ns::data_form)) form.columns = read_fields(*reported);
    for (const element& item : x.children())
        if (item.is("item", ns::data_form)) form.rows.push_back(read_fields(item));
    return form;
}

}  // namespace crosstalk::xmpp
