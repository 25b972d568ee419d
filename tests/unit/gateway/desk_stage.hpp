// A desk over a real registry, and a client that runs its commands.
#pragma once

#include <doctest/doctest.h>

#include "../net/loop.hpp"
#include "gateway/command_desk.hpp"
#include "scratch_registry.hpp"
#include "xmpp/disco.hpp"

namespace crosstalk::gateway::test {

inline const std::string romeo = "romeo@montague.example", juliet = "juliet@capulet.example",
                         tybalt = "tybalt@capulet.example", escalus = "escalus@verona.example";
inline const std::string ours = "urn:crosstalk:1#", domain = "http.montague.example";
using names = std::vector<std::string>;
using xmpp::condition;

struct desk_stage {
    desk_stage()
        : book(io.get_executor(), file.open(), "sites.db"),
          changes({1000, 1}),
          desk(book, rest(), flows, changes) {
        book.configure({{"fixed", juliet, true}}, {.who = {romeo}});
        desk.configure({{escalus}, {parse_base_url("https://http.montague.example").value(), addressing::host}});
    }

    operations rest() {
        operations made;
        made.online = [this] { return online; };
        made.counts = [] { return std::vector<xmpp::form_field>{fact("connections", "Open", "7")}; };
        made.reload = [this] { return is_readable; };
        made.announce = [this](announcement what, std::vector<std::string> to) {
            told = std::move(what);
            told_to = std::move(to);
            return may_announce;
        };
        return made;
    }

    /// The answer to a command; each change has a minute of its own.
    xmpp::element run(const std::string& who, const std::string& node, std::string_view action = {}, std::string_view session = {},
                      const std::optional<xmpp::data_form>& form = {}) {
        auto iq = xmpp::make_iq(xmpp::iq_type::set, "c1", domain, who + "/chat");
        auto& command = iq.add(xmpp::element("command", std::string(xmpp::ns::commands)));
        command.set("node", node);
        if (!action.empty()) command.set("action", std::string(action));
        if (!session.empty()) command.set("sessionid", std::string(session));
        if (form) command.add(xmpp::to_element(*form));
        now += pause;
        return net::test::run(io, desk.answer(std::move(iq), "fresh", now));
    }
    xmpp::element begin(const std::string& who, const std::string& node) { return run(who, ours + node); }
    xmpp::element submit(const std::string& who, const std::string& node, std::vector<xmpp::form_field> fields,
                         std::string_view action = "complete") {
        xmpp::data_form form;
        form.type = "submit";
        form.fields = std::move(fields);
        return run(who, node.find(':') == std::string::npos ? ours + node : node, action, "s", form);
    }

    test::scratch_registry file;
    net::asio::io_context io;
    registrar book;
    traffic flows;
    allowance changes;
    std::vector<online_resource> online;
    bool is_readable = true, may_announce = true;
    announcement told;
    std::vector<std::string> told_to;
    base::time_point now{std::chrono::hours(1)};
    base::milliseconds pause{60'000};
    command_desk desk;
};

inline xmpp::form_field field(std::string var, std::vector<std::string> values) { return {std::move(var), "", std::move(values)}; }

inline const xmpp::element& command_of(const xmpp::element& answer) {
    const auto* command = answer.child("command", xmpp::ns::commands);
    REQUIRE_MESSAGE(command != nullptr, answer.to_xml());
    return *command;
}
inline std::string status_of(const xmpp::element& answer) { return std::string(command_of(answer).attr("status")); }
inline xmpp::data_form form_in(const xmpp::element& answer) {
    const auto* x = command_of(answer).child("x", xmpp::ns::data_form);
    REQUIRE_MESSAGE(x != nullptr, answer.to_xml());
    return xmpp::read_form(*x);
}
inline std::string note_of(const xmpp::element& answer) {
    const auto* note = command_of(answer).child("note", xmpp::ns::commands);
    return note == nullptr ? std::string() : note->text();
}
/// "" for a result; for an error its condition, and that of XEP-0050 if there is one.
inline std::string error_of(const xmpp::element& answer) {
    const auto error = xmpp::read_error(answer);
    if (!error) return {};
    std::string text(xmpp::to_string(error->what));
    for (const auto& child : answer.child("error", xmpp::ns::client)->children())
        if (child.ns() == xmpp::ns::commands) text += ' ' + child.name();
    return text;
}
inline names column(const xmpp::data_form& form, std::size_t index) {
    names all;
    for (const auto& row : form.rows) all.push_back(row.at(index).values.at(0));
    return all;
}

}  // namespace crosstalk::gateway::test
