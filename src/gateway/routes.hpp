// From a request's Host and target to a site: NAME.BASE, or BASE/NAME/.
//
// Rule 1: the port in Host is not compared; a host that is neither BASE nor NAME.BASE may be a site's own.
// Rule 2: nothing is decoded or normalized: an encoded site name is no site name, dot segments are
//         refused, and REQUEST_URI starts literally with SCRIPT_NAME.
// Rule 3: pure. Whether the site exists is the directory's business.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"
#include "gateway/asking.hpp"
#include "gateway/settings.hpp"
#include "http/target.hpp"

namespace crosstalk::gateway {

/// Where the public finds this gateway.
struct base_address {
    std::string scheme;  ///< "http" or "https"
    http::authority authority;
};
/// Reads scheme://host[:port] with or without a slash at the end; nothing for anything else.
[[nodiscard]] std::optional<base_address> parse_base_url(std::string_view url);

struct route_settings {
    base_address base;
    gateway::addressing addressing = gateway::addressing::host;
};

/// Where a request is to go.
struct route {
    enum class kind {
        site,      ///< to the site `name`
        own_host,  ///< to the site that has the host of `authority` for its own, if there is one
        redirect,  ///< to `location`, if there is a site `name`
        server,    ///< OPTIONS * that is meant for the gateway itself
        direct,    ///< talk::direct_path of BASE: peers open direct streams there
        refused,   ///< `why` says it
    };
    kind what = kind::refused;
    std::string name;
    std::string script_name;    ///< "" or "/NAME"
    std::string target;         ///< origin-form, or "*"
    http::authority authority;  ///< what the client asked, from the target or from Host
    std::string location;
    refusal why = refusal::unknown_site;
};
[[nodiscard]] route find_route(const http::request_head& head, const route_settings& settings);

/// The public address of a site, with a slash at the end: the host form wherever there is one.
[[nodiscard]] std::string site_url(const route_settings& settings, std::string_view name);

}  // namespace crosstalk::gateway
