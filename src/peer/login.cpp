// See login.hpp.
#include "peer/login.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "peer/proxy_heads.hpp"

namespace crosstalk::peer {

using namespace std::chrono_literals;

std::string stable_resource(const settings& s) {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    std::string what = std::string{host.data()} + '\n' + s.name;
    for (const auto& gateway : s.gateways) what += '\n' + gateway;
    std::error_code ignored;  // a folder that cannot be named has been refused already
    if (s.http)
        what += '\n' + name_of(*s.http) + s.http->base_path;
    else
        what +=
            '\n' +
            std::filesystem::canonical(s.folder ? s.folder->path : "/proc/self/exe", ignored).string();
    return "crosstalk-" + base::to_hex(base::digest(base::hash::sha256, what)).substr(0, 8);
}

xmpp::self_description describe_self() {
    xmpp::self_description self;
    self.version = CROSSTALK_VERSION;
    self.caps_node = "urn:crosstalk:peer";
    self.disco.identities.push_back({"client", "bot", "CrossTalk", ""});
    self.disco.features = xmpp::service_features();
    self.disco.features.emplace_back(xmpp::ns::crosstalk);
    self.disco.features.emplace_back(xmpp::ns::http);
    return self;
}

xmpp::client_settings make_client_settings(const settings& s, const xmpp::jid& self) {
    xmpp::client_settings out;
    out.jid = self;
    out.password = s.password;
    return out;
}

own_presence make_presence(const settings& s, const xmpp::self_description& description) {
    return {xmpp::make_caps(description.caps_node, description.disco), s.priority};
}

contact_settings make_contact_settings(const settings& s, const xmpp::self_description& description) {
    contact_settings out;
    out.gateways = s.gateways;
    out.name = s.name;
    out.visibility = s.visibility;
    out.here = make_presence(s, description);
    out.id_prefix = base::random_id() + '-';
    return out;
}

talk::exchange_settings make_exchange_settings(const settings& s) {
    talk::exchange_settings out;
    out.accepts_requests = true;
    out.resumption = 30s;  // what the session asks for
    out.transactions.buffer = s.buffer;
    // Above our own limit, so that those over it are told with a page.
    out.max_open = 2 * s.transactions;
    return out;
}

talk::chat_settings make_chat_settings(const settings& s) {
    const auto in_stanzas = make_exchange_settings(s);
    talk::chat_settings out;
    out.askers = s.gateways;
    out.resumption = in_stanzas.resumption;
    out.transactions = in_stanzas.transactions;
    out.max_open = in_stanzas.max_open;
    return out;
}

talk::http_exchange_settings make_http_settings(const settings& s, const xmpp::jid& self) {
    const auto like = make_exchange_settings(s);
    talk::http_exchange_settings out;
    out.own_name = self.domain();
    out.accepts_requests = like.accepts_requests;
    out.resumption = like.resumption;
    out.transactions = like.transactions;
    out.max_open = like.max_open;
    return out;
}

}  // namespace crosstalk::peer
