// Commands that people run from any chat client (XEP-0050): owners about their sites, the operator about all.
//
// Rule 1: nothing is kept between the steps of a command: all that the next one needs is in the form.
// Rule 2: who may is asked at every step, and by the bare JID alone, which its server vouches for.
// Rule 3: a change is paced, and a form is filled in by a person: every error says in words what to do.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "gateway/allowance.hpp"
#include "gateway/announcements.hpp"
#include "gateway/command_forms.hpp"
#include "gateway/registrar.hpp"
#include "gateway/routes.hpp"
#include "gateway/traffic.hpp"

namespace crosstalk::gateway {

/// A resource of an owner that is online.
struct online_resource {
    std::string full;
    std::string_view speaks;  ///< the dialect, in a word
    bool is_direct = false;   ///< there is a direct stream
    std::size_t open = 0;     ///< requests
};

/// What the operator's commands need of the rest of the gateway.
struct operations {
    std::function<std::vector<online_resource>()> online;
    /// Numbers of the whole gateway, as fact() makes them.
    std::function<std::vector<xmpp::form_field>()> counts;
    std::function<bool()> reload;
    /// Whether it is on its way to those owners.
    std::function<bool(announcement, std::vector<std::string> owners)> announce;
    /// Gives an owner's site a host when the DNS proves that it is theirs.
    std::function<net::awaitable<registrar::refusal>(std::string owner, std::string name, std::string host)> claim_host;
};

struct desk_settings {
    std::vector<std::string> operators = {};  ///< bare JIDs, prepared
    route_settings routes = {};               ///< for the URLs of sites
};

/// What every command may use.
struct command_scene {
    registrar& names;
    operations rest;
    const traffic& flows;
    desk_settings settings;
};

/// A form that has been filled in.
struct command_call {
    std::string asker;  ///< bare JID
    xmpp::data_form form;
};

struct command_row {
    enum class right { registrant, owner, operator_ };
    std::string_view node, name;
    right who;
    bool is_change;
    /// What it begins with: a form, or the end.
    command_outcome (*begin)(const command_scene&, const std::string& asker);
    /// Takes what is filled in; null where nothing is.
    net::awaitable<command_outcome> (*run)(const command_scene&, command_call) = nullptr;
    /// Where there are two forms, a field that the second one alone has.
    std::string_view second_has = {};
};
[[nodiscard]] std::span<const command_row> owner_commands() noexcept;
[[nodiscard]] std::span<const command_row> host_commands() noexcept;
[[nodiscard]] std::span<const command_row> site_commands() noexcept;       ///< the operator's, about sites and people
[[nodiscard]] std::span<const command_row> operation_commands() noexcept;  ///< the operator's, about the gateway

/// The choice of one of the asker's own sites, as far as they can be changed; nothing when there is none.
[[nodiscard]] std::optional<xmpp::form_field> own_sites_field(const command_scene& scene, const std::string& asker);

class command_desk {
  public:
    /// `names`, `flows` and `changes`, which is shared with whoever else takes changes, must outlive this.
    command_desk(registrar& names, operations rest, const traffic& flows, allowance& changes);
    void configure(desk_settings settings);

    /// What disco answers about the list of commands and each of them, to those who may run them; nothing when
    /// the request is about something else. `domain` is the gateway's.
    [[nodiscard]] std::optional<xmpp::element> describe(const xmpp::element& request, const std::string& domain) const;
    /// The answer to what xmpp::is_command() knows. `session` is for one that begins.
    [[nodiscard]] net::awaitable<xmpp::element> answer(xmpp::element request, std::string session, base::time_point now);

  private:
    [[nodiscard]] bool may(std::string_view asker, const command_row& row) const;
    [[nodiscard]] std::vector<const command_row*> open_to(std::string_view asker) const;
    [[nodiscard]] std::optional<xmpp::command_error> judge(const xmpp::command_request& asked, const command_row& row) const;
    [[nodiscard]] net::awaitable<std::variant<xmpp::command_reply, xmpp::command_error>> step(
        const command_row& row, xmpp::command_request asked, std::string asker, base::time_point now);

    command_scene scene_;
    allowance& changes_;
};

}  // namespace crosstalk::gateway
