// See command_desk.hpp.
#include "gateway/command_desk.hpp"

#include <algorithm>
#include <array>

#include "xmpp/disco.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::command_action;
using xmpp::command_error;
using xmpp::command_fault;
using xmpp::condition;
using xmpp::stanza_error;
namespace ns = xmpp::ns;

namespace {

const command_row* find_row(std::string_view node) {
    for (const auto rows : {owner_commands(), host_commands(), site_commands(), operation_commands()})
        for (const auto& row : rows)
            if (row.node == node) return &row;
    return nullptr;
}

/// XEP-0133 has one FORM_TYPE for all its commands, and ours have their node.
std::string form_type_of(const command_row& row) { return std::string(row.node.substr(0, row.node.find("#announce"))); }

/// Whether what is filled in is the last of the command's forms.
bool is_last(const command_row& row, const xmpp::data_form& form) {
    return row.second_has.empty() || form.has(row.second_has);
}

/// The only action that may follow a step, beside "execute", which means the same.
command_action action_after(const command_row& row, bool is_beginning) {
    return is_beginning && !row.second_has.empty() ? command_action::next : command_action::complete;
}

xmpp::command_reply ask_for(const command_row& row, xmpp::data_form form, bool is_beginning) {
    form.fields.insert(form.fields.begin(), hidden_field("FORM_TYPE", form_type_of(row)));
    xmpp::command_reply reply;
    reply.status = xmpp::command_reply::state::executing;
    reply.form = std::move(form);
    reply.actions = {action_after(row, is_beginning)};
    return reply;
}

xmpp::disco_info info_of(std::string_view type, std::string_view name) {
    xmpp::disco_info info;
    info.identities.push_back({"automation", std::string(type), std::string(name), ""});
    info.features = {std::string(ns::commands), std::string(ns::data_form), std::string(ns::disco_info),
                     std::string(ns::disco_items)};
    return info;
}

xmpp::element result_with(const xmpp::element& request, xmpp::element payload) {
    auto result = xmpp::make_result(request);
    result.add(std::move(payload));
    return result;
}

}  // namespace

command_desk::command_desk(registrar& names, operations rest, const traffic& flows, allowance& changes)
    : scene_{names, std::move(rest), flows, {}}, changes_(changes) {}

void command_desk::configure(desk_settings settings) { scene_.settings = std::move(settings); }

// Who may

bool command_desk::may(std::string_view asker, const command_row& row) const {
    const auto& names = scene_.names;
    if (row.who == command_row::right::operator_)
        return std::ranges::find(scene_.settings.operators, asker) != scene_.settings.operators.end();
    if (names.rules().is_banned(asker)) return false;
    const bool is_admitted = !names.admit(std::string(asker));
    if (row.who == command_row::right::registrant) return is_admitted;
    return is_admitted || names.sites().is_owner(asker);
}

std::vector<const command_row*> command_desk::open_to(std::string_view asker) const {
    std::vector<const command_row*> open;
    for (const auto rows : {owner_commands(), host_commands(), site_commands(), operation_commands()})
        for (const auto& row : rows)
            if (may(asker, row)) open.push_back(&row);
    return open;
}

// Discovery

std::optional<xmpp::element> command_desk::describe(const xmpp::element& request, const std::string& domain) const {
    const auto* query = request.attr("type") == "get" ? xmpp::payload_of(request) : nullptr;
    if (query == nullptr || query->name() != "query") return std::nullopt;
    const bool wants_items = query->ns() == ns::disco_items;
    if (!wants_items && query->ns() != ns::disco_info) return std::nullopt;
    const auto node = query->attr("node");
    const auto asker = xmpp::bare_of(request.attr("from"));
    if (node == ns::commands && wants_items) {
        std::vector<xmpp::disco_item> items;
        for (const auto* row : open_to(asker)) items.push_back({domain, std::string(row->node), std::string(row->name)});
        return result_with(request, xmpp::to_element(items, node));
    }
    if (node == ns::commands) return result_with(request, xmpp::to_element(info_of("command-list", "Commands"), node));
    const auto* row = find_row(node);
    if (row == nullptr) return std::nullopt;
    if (!may(asker, *row)) return xmpp::make_error(request, {condition::forbidden, "This command is not for you."});
    if (wants_items) return result_with(request, xmpp::to_element(std::vector<xmpp::disco_item>(), node));
    return result_with(request, xmpp::to_element(info_of("command-node", row->name), node));
}

// Commands

/// What is wrong with a step, as far as it can be told without running it.
std::optional<command_error> command_desk::judge(const xmpp::command_request& asked, const command_row& row) const {
    if (asked.action == command_action::prev)
        return command_error(command_fault::bad_action, "There is no way back: nothing is kept between the steps. Begin anew.");
    if (!asked.form) {
        if (asked.session.empty() && asked.action != command_action::execute)
            return command_error(command_fault::bad_sessionid, "The command has not been begun: execute it first.");
        if (!asked.session.empty())
            return command_error(command_fault::bad_payload, "The form that was asked for is not there.");
        return std::nullopt;
    }
    const auto expected = action_after(row, !is_last(row, *asked.form));
    if (asked.action != command_action::execute && asked.action != expected)
        return command_error(command_fault::bad_action, "The only action here is \"" + std::string(to_string(expected)) + "\".");
    if (asked.action != command_action::execute && asked.session.empty())
        return command_error(command_fault::bad_sessionid, "The session is not named: there is no sessionid.");
    if (asked.form->has("FORM_TYPE") && asked.form->value("FORM_TYPE") != form_type_of(row))
        return command_error(command_fault::bad_payload, "The form is not the one that was asked for.");
    return std::nullopt;
}

net::awaitable<std::variant<xmpp::command_reply, command_error>> command_desk::step(
    const command_row& row, xmpp::command_request asked, std::string asker, base::time_point now) {
    if (asked.action == command_action::cancel) {
        xmpp::command_reply canceled;
        canceled.status = xmpp::command_reply::state::canceled;
        co_return canceled;
    }
    if (auto wrong = judge(asked, row)) co_return *std::move(wrong);
    const bool is_beginning = !asked.form || row.run == nullptr;
    const bool is_change = row.is_change && (is_beginning ? row.run == nullptr : is_last(row, *asked.form));
    if (is_change && !changes_.take(asker, now))
        co_return stanza_error(condition::resource_constraint, "Too many changes at once. Try again in some seconds.");
    command_outcome outcome;
    if (is_beginning) {
        outcome = row.begin(scene_, asker);
    } else {
        command_call call{std::move(asker), *std::move(asked.form)};
        outcome = co_await row.run(scene_, std::move(call));
    }
    if (auto* failed = std::get_if<command_error>(&outcome)) co_return std::move(*failed);
    if (auto* done = std::get_if<xmpp::command_reply>(&outcome)) co_return std::move(*done);
    co_return ask_for(row, std::get<xmpp::data_form>(std::move(outcome)), is_beginning);
}

net::awaitable<xmpp::element> command_desk::answer(xmpp::element request, std::string session, base::time_point now) {
    auto read = xmpp::read_command(request);
    if (const auto* wrong = std::get_if<command_error>(&read)) co_return xmpp::make_command_error(request, *wrong);
    auto& asked = std::get<xmpp::command_request>(read);
    const auto* row = find_row(asked.node);
    if (row == nullptr)
        co_return xmpp::make_command_error(request, stanza_error(condition::item_not_found, "There is no such command here."));
    std::string asker(xmpp::bare_of(request.attr("from")));
    if (!may(asker, *row))
        co_return xmpp::make_command_error(request, stanza_error(condition::forbidden, "This command is not for you."));
    if (!asked.session.empty()) session = asked.session;
    auto outcome = co_await step(*row, std::move(asked), std::move(asker), now);
    if (const auto* failed = std::get_if<command_error>(&outcome)) co_return xmpp::make_command_error(request, *failed);
    co_return xmpp::make_command_result(request, session, std::get<xmpp::command_reply>(outcome));
}

}  // namespace crosstalk::gateway
