// See registration.hpp.
#include "gateway/registration.hpp"

#include "gateway/command_forms.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;
namespace ns = xmpp::ns;

namespace {

constexpr std::string_view instructions =
    "Choose a name for your site: letters, digits and hyphens. It becomes part of its address.";

xmpp::element text_child(std::string name, std::string text) {
    xmpp::element e(std::move(name), std::string(ns::registration));
    e.set_text(std::move(text));
    return e;
}

}  // namespace

bool registration::is_asked(const xmpp::element& stanza) {
    const auto* payload = xmpp::is_request(stanza) ? xmpp::payload_of(stanza) : nullptr;
    return payload != nullptr && payload->is("query", ns::registration);
}

net::awaitable<xmpp::element> registration::answer(xmpp::element request, base::time_point now) {
    const std::string owner(xmpp::bare_of(request.attr("from")));
    if (request.attr("type") != "set") co_return form_for(request, owner);
    if (!changes_.take(owner, now)) {
        stanza_error hasty(condition::resource_constraint, "Too many changes at once. Try again in some seconds.");
        co_return xmpp::make_error(request, hasty);
    }
    const auto why = co_await obey(*xmpp::payload_of(request), owner);
    if (why) co_return xmpp::make_error(request, *why);
    co_return xmpp::make_result(request);
}

xmpp::element registration::form_for(const xmpp::element& request, const std::string& owner) const {
    const auto names = names_.names_of(owner);
    // Who has names may always look at them, and give them back.
    if (const auto why = names_.admit(owner); why && names.empty()) return xmpp::make_error(request, *why);
    const std::string name = names.empty() ? std::string() : names.front();
    const auto seen_by = names.empty() ? visibility::everybody : names_.sites().find(name)->seen_by;
    xmpp::data_form form;
    form.type = "form";
    form.title = "A site of your own";
    form.instructions = instructions;
    form.fields = {{"FORM_TYPE", "hidden", {std::string(ns::registration)}},
                   {"name", "text-single", {name}, "Name", true, {}},
                   visibility_field(seen_by)};
    auto result = xmpp::make_result(request);
    auto& query = result.add(xmpp::element("query", std::string(ns::registration)));
    if (!names.empty()) query.add(xmpp::element("registered", std::string(ns::registration)));
    query.add(text_child("instructions", std::string(instructions)));
    query.add(text_child("name", name));
    query.add(xmpp::to_element(form));
    return result;
}

net::awaitable<registrar::refusal> registration::obey(const xmpp::element& query, std::string owner) {
    registrar::refusal why;
    if (query.child("remove", ns::registration) != nullptr) {
        if (query.children().size() > 1)
            co_return stanza_error(condition::bad_request, "<remove/> stands alone: it gives back all your names.");
        why = co_await names_.release_all(std::move(owner));
        co_return why;
    }
    if (const auto* x = query.child("x", ns::data_form)) {
        const auto form = xmpp::read_form(*x);
        why = co_await submit(form, std::move(owner));
        co_return why;
    }
    const auto* name = query.child("name", ns::registration);
    if (name == nullptr) co_return stanza_error(condition::bad_request, "There is no name in the request.");
    why = co_await names_.claim(std::move(owner), name->text());
    co_return why;
}

net::awaitable<registrar::refusal> registration::submit(const xmpp::data_form& form, std::string owner) {
    if (form.type == "cancel") co_return std::nullopt;
    const bool is_ours = !form.has("FORM_TYPE") || form.value("FORM_TYPE") == ns::registration;
    if (form.type != "submit" || !is_ours)
        co_return stanza_error(condition::bad_request, "The form is not the one that was asked for.");
    const auto seen_by = parse_visibility(form.value("visibility"));
    if (form.has("visibility") && !seen_by)
        co_return stanza_error(condition::not_acceptable, "Visibility is one of \"public\", \"roster\" and \"listed\".");
    std::string name(form.value("name"));
    auto why = co_await names_.claim(std::move(owner), std::move(name), seen_by);
    co_return why;
}

}  // namespace crosstalk::gateway
