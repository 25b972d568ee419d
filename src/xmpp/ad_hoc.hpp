// Ad-hoc commands (XEP-0050), as values: what a client asks for, and what it is told.
//
// Rule: whoever obeys the commands keeps what it likes of a session; nothing is kept in here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "xmpp/data_form.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

enum class command_action { execute, next, prev, complete, cancel };
[[nodiscard]] std::string_view to_string(command_action a) noexcept;

/// <command/> as a client sends it.
struct command_request {
    std::string node;
    std::string session;  ///< "" when it begins
    command_action action = command_action::execute;
    std::optional<data_form> form;
};

/// What is wrong with a <command/>, in the order of XEP-0050, 4.4.
enum class command_fault { malformed_action, bad_action, bad_payload, bad_sessionid, session_expired };

/// An error with the condition of XEP-0050 in it, if there is one for it.
struct command_error {
    stanza_error error;
    std::optional<command_fault> fault = {};

    command_error(stanza_error e) : error(std::move(e)) {}
    /// With the condition and type that XEP-0050 gives the fault.
    command_error(command_fault f, std::string text);
};

struct command_note {
    enum class kind { info, warn, error };
    kind what = kind::info;
    std::string text;
};

/// <command/> as a client is answered.
struct command_reply {
    enum class state { executing, completed, canceled };
    state status = state::completed;
    std::optional<data_form> form = {};
    std::vector<command_note> notes = {};
    std::vector<command_action> actions = {};  ///< that may follow; the first is the usual one
};

/// Whether the stanza is an iq of type set with a <command/>.
[[nodiscard]] bool is_command(const element& stanza) noexcept;
/// Reads such a stanza.
[[nodiscard]] std::variant<command_request, command_error> read_command(const element& stanza);

/// The answers to such a stanza. `session`: what the client is to say next time.
[[nodiscard]] element make_command_result(const element& request, std::string_view session,
                                          const command_reply& reply);
[[nodiscard]] element make_command_error(const element& request, const command_error& error);

}  // namespace crosstalk::xmpp
