// Implementation of caps.hpp.
#include "xmpp/caps.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/base64.hpp"
#include "base/digest.hpp"

namespace crosstalk::xmpp {

namespace {

using strings = std::vector<std::string>;

/// Appends every string in order of its bytes (i;octet), each with the `<` that ends it.
void append_sorted(std::string& out, strings list) {
    std::ranges::sort(list);
    for (const std::string& s : list) out.append(s).append(1, '<');
}

strings identity_strings(const disco_info& info) {
    strings list;
    for (const identity& i : info.identities)
        list.push_back(i.category + '/' + i.type + '/' + i.lang + '/' + i.name);
    return list;
}

void append_form(std::string& out, const data_form& form) {
    out.append(form.form_type()).append(1, '<');
    std::vector<const form_field*> fields;
    for (const form_field& f : form.fields)
        if (f.var != "FORM_TYPE") fields.push_back(&f);
    std::ranges::sort(fields, {}, &form_field::var);
    for (const form_field* f : fields) {
        out.append(f->var).append(1, '<');
        append_sorted(out, f->values);
    }
}

std::vector<const data_form*> sorted_forms(const disco_info& info) {
    std::vector<const data_form*> forms;
    for (const data_form& form : info.forms)
        if (!form.form_type().empty()) forms.push_back(&form);
    std::ranges::sort(forms, {}, &data_form::form_type);
    return forms;
}

std::string verification_string(const disco_info& info) {
    std::string text;
    append_sorted(text, identity_strings(info));
    append_sorted(text, info.features);
    for (const data_form* form : sorted_forms(info)) append_form(text, *form);
    return text;
}

bool has_doubles(strings list) {
    std::ranges::sort(list);
    return std::ranges::adjacent_find(list) != list.end();
}

/// A value that holds the separator could pass for several values.
bool holds_separator(const disco_info& info) {
    const auto holds = [](std::string_view s) { return s.find('<') != std::string_view::npos; };
    if (std::ranges::any_of(identity_strings(info), holds) || std::ranges::any_of(info.features, holds))
        return true;
    for (const data_form& form : info.forms)
        for (const form_field& f : form.fields)
            if (holds(f.var) || std::ranges::any_of(f.values, holds)) return true;
    return false;
}

bool has_different_values(const form_field& field) {
    return std::ranges::adjacent_find(field.values, std::ranges::not_equal_to()) != field.values.end();
}

/// Section 5.4, 3.3 to 3.6.
bool is_well_formed(const disco_info& info) {
    strings form_types;
    for (const data_form& form : info.forms) {
        for (const form_field& f : form.fields)
            if (f.var == "FORM_TYPE" && has_different_values(f)) return false;
        if (!form.form_type().empty()) form_types.emplace_back(form.form_type());
    }
    return !has_doubles(identity_strings(info)) && !has_doubles(info.features) &&
           !has_doubles(form_types) && !holds_separator(info);
}

}  // namespace

std::string caps_ver(const disco_info& info) {
    return base::to_base64(base::digest(base::hash::sha1, verification_string(info)));
}

bool verify(const caps& announced, const disco_info& info) {
    return announced.hash == "sha-1" && is_well_formed(info) && caps_ver(info) == announced.ver;
}

caps make_caps(std::string node, const disco_info& info) {
    return {std::move(node), caps_ver(info), "sha-1"};
}

element to_element(const caps& announced) {
    element c("c", std::string(ns::caps));
    if (!announced.hash.empty()) c.set("hash", announced.hash);
    c.set("node", announced.node).set("ver", announced.ver);
    return c;
}

std::optional<caps> read_caps(const element& presence) {
    const element* c = presence.child("c", ns::caps);
    if (c == nullptr) return std::nullopt;
    return caps{std::string(c->attr("node")), std::string(c->attr("ver")),
                std::string(c->attr("hash"))};
}

}  // namespace crosstalk::xmpp
