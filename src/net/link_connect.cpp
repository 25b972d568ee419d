// See link_connect.hpp.
#include "net/link_connect.hpp"

#include "base/log.hpp"
#include "net/error.hpp"

namespace crosstalk::net {
namespace {

constexpr std::uint16_t client_port = 5222;
constexpr const char* client_protocol = "xmpp-client";  // for ALPN (XEP-0368)

struct target {
    std::string host;
    std::uint16_t port = 0;
    bool direct_tls = false;
};

std::string written(const target& t) {
    const bool is_v6 = t.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + t.host + "]" : t.host) + ":" + std::to_string(t.port);
}

awaitable<result<std::vector<target>>> find_targets(resolver& names, const link_settings& settings) {
    std::vector<target> targets;
    if (!settings.server_host.empty()) {
        targets.push_back({settings.server_host, settings.server_port, settings.direct_tls});
        co_return targets;
    }
    const auto records = co_await names.xmpp_client(settings.domain);
    if (!records && records.error() == errc::service_not_offered) co_return records.error();
    if (records) {
        for (const auto& r : *records)
            if (!r.direct_tls || settings.tls.ssl) targets.push_back({r.target, r.port, r.direct_tls});
    }
    // RFC 6120, 3.2.2: no records, or no word of them, and the domain itself is asked.
    if (targets.empty()) targets.push_back({settings.domain, client_port, false});
    co_return targets;
}

awaitable<result<link_connection>> connect_to(resolver& names, const link_settings& settings, target to,
                                              link_failure& progress) {
    progress.at = link_failure::stage::connect;
    progress.where = written(to);
    link_connection made;
    auto dialled = co_await dial_tcp(names, to.host, to.port, settings.connect_timeout);
    if (!dialled) co_return dialled.error();
    made.stream = std::move(*dialled);
    if (!to.direct_tls) co_return made;
    progress.at = link_failure::stage::tls;
    if (!settings.tls.ssl) co_return make_error_code(errc::tls_not_configured);
    const auto limit = base::clock::now() + settings.connect_timeout;
    made.stream.read_deadline(limit);
    made.stream.write_deadline(limit);
    const auto secured = co_await made.stream.start_tls(settings.tls, settings.domain, client_protocol);
    if (!secured) co_return secured.error();
    made.is_secure = true;
    co_return made;
}

}  // namespace

awaitable<result<link_connection>> connect_link(resolver& names, const link_settings& settings,
                                                link_failure& progress) {
    progress.at = link_failure::stage::lookup;
    const auto targets = co_await find_targets(names, settings);
    if (!targets) co_return targets.error();
    error_code last = errc::name_not_found;
    for (const auto& t : *targets) {
        auto made = co_await connect_to(names, settings, t, progress);
        if (made) co_return made;
        last = made.error();
        base::log(base::log_level::debug, "cannot use an XMPP server",
                  {{"server", progress.where}, {"why", last.message()}});
    }
    co_return last;
}

}  // namespace crosstalk::net
