// See ad_hoc.hpp.
#include "xmpp/ad_hoc.hpp"

#include <algorithm>
#include <array>

namespace crosstalk::xmpp {

namespace {

constexpr std::size_t longest_name = 256;  ///< of a node or a session

/// In the order of `command_action`.
constexpr std::array<std::string_view, 5> action_names{"execute", "next", "prev", "complete", "cancel"};
/// In the order of `command_reply::state`.
constexpr std::array<std::string_view, 3> state_names{"executing", "completed", "canceled"};
/// In the order of `command_note::kind`.
constexpr std::array<std::string_view, 3> note_names{"info", "warn", "error"};

struct fault_row {
    std::string_view name;
    condition what;
};
/// In the order of `command_fault`.
constexpr std::array<fault_row, 5> faults{{
    {"malformed-action", condition::bad_request},
    {"bad-action", condition::bad_request},
    {"bad-payload", condition::bad_request},
    {"bad-sessionid", condition::bad_request},
    {"session-expired", condition::not_allowed},
}};

template <class Enum, std::size_t N>
std::string name_of(const std::array<std::string_view, N>& names, Enum value) {
    return std::string(names.at(static_cast<std::size_t>(value)));
}

element& add_to(element& parent, std::string name) {
    return parent.add(element(std::move(name), std::string(ns::commands)));
}

void write_actions(element& command, const std::vector<command_action>& actions) {
    if (actions.empty()) return;
    element& list = add_to(command, "actions");
    list.set("execute", std::string(to_string(actions.front())));
    for (const auto action : {command_action::prev, command_action::next, command_action::complete})
        if (std::ranges::find(actions, action) != actions.end()) add_to(list, std::string(to_string(action)));
}

}  // namespace

std::string_view to_string(command_action a) noexcept { return action_names.at(static_cast<std::size_t>(a)); }

command_error::command_error(command_fault f, std::string text)
    : error(faults.at(static_cast<std::size_t>(f)).what, std::move(text)), fault(f) {}

bool is_command(const element& stanza) noexcept {
    const element* const payload = payload_of(stanza);
    return payload != nullptr && stanza.attr("type") == "set" && payload->is("command", ns::commands);
}

std::variant<command_request, command_error> read_command(const element& stanza) {
    const element& command = *payload_of(stanza);
    command_request read;
    read.node = command.attr("node");
    read.session = command.attr("sessionid");
    if (read.node.empty()) return command_error({condition::bad_request, "The command is not named: there is no node."});
    if (read.node.size() > longest_name) return command_error({condition::item_not_found, "There is no such command here."});
    if (read.session.size() > longest_name)
        return command_error(command_fault::bad_sessionid, "The session is not one that was begun here.");
    if (const auto name = command.attr("action"); !name.empty()) {
        const auto at = std::ranges::find(action_names, name);
        if (at == action_names.end())
            return command_error(command_fault::malformed_action,
                                 "An action is execute, next, prev, complete or cancel.");
        read.action = static_cast<command_action>(at - action_names.begin());
    }
    if (const auto* x = command.child("x", ns::data_form)) {
        read.form = read_form(*x);
        if (read.form->type == "cancel") read.action = command_action::cancel;
        if (read.form->type != "submit" && read.form->type != "cancel")
            return command_error(command_fault::bad_payload, "The form is not filled in: its type is not submit.");
    }
    return read;
}

element make_command_result(const element& request, std::string_view session, const command_reply& reply) {
    element result = make_result(request);
    element& command = result.add(element("command", std::string(ns::commands)));
    command.set("node", std::string(payload_of(request)->attr("node"))).set("sessionid", std::string(session));
    command.set("status", name_of(state_names, reply.status));
    write_actions(command, reply.actions);
    if (reply.form) command.add(to_element(*reply.form));
    for (const auto& note : reply.notes)
        add_to(command, "note").set("type", name_of(note_names, note.what)).set_text(note.text);
    return result;
}

element make_command_error(const element& request, const command_error& error) {
    element result = make_result(request);
    result.set("type", "error");
    element told = error_element(error.error);
    if (error.fault) add_to(told, std::string(faults.at(static_cast<std::size_t>(*error.fault)).name));
    result.add(std::move(told));
    return result;
}

}  // namespace crosstalk::xmpp
