// The command line, parsed: the only user of CLI11.
//
// Rule: what is not built is not accepted, and is not in --help.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace crosstalk::cmd {

struct gateway_options {
    std::string config;
};

struct check_options {
    std::string config;
};

struct site_options {
    enum class action {
        list, show, add, remove, suspend, resume, visibility, admit, dismiss, host, unhost, rules, rule, ban, unban
    };
    action what = action::list;
    std::string config;
    std::string name;        ///< of the site
    std::string who;         ///< a JID, a domain, or "*"
    std::string host;
    std::string visibility;  ///< "": as it is
    std::string rule, value;
    bool json = false;
};

/// What says as whom to log in, and where. Each is set only when it was given.
struct account_options {
    std::optional<std::string> jid, server, ca_file, password_file, config;
};

struct publish_options : account_options {
    std::optional<std::string> target, name, visibility, priority, direct, compression;
    std::optional<std::vector<std::string>> gateways, direct_hosts, allow;
    bool listings = false, verbose = false;
};

struct fetch_options : account_options {
    std::string uri;
    std::optional<std::string> output, method, data;
    std::vector<std::string> headers;
    bool resumes = false, shows_head = false, asks_for_head = false, is_silent = false;
};

struct proxy_options : account_options {
    std::optional<std::string> listen;
};

using command = std::variant<gateway_options, publish_options, fetch_options, proxy_options,
                             site_options, check_options>;

/// The command to run, or the exit status when there is nothing to run: help and version print to
/// standard output, mistakes to standard error.
[[nodiscard]] std::variant<command, int> parse_options(int argc, const char* const* argv);

}  // namespace crosstalk::cmd
