// Implementation of services.hpp: one row per service.
#include "xmpp/services.hpp"

#include <array>
#include <ctime>

#include "xmpp/caps.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

namespace {

using system_time = std::chrono::system_clock::time_point;

struct question {
    const element& stanza;
    const element& payload;
    const self_description& self;
    const moment& when;
};

element with_payload(const question& q, element payload) {
    element reply = make_result(q.stanza);
    reply.add(std::move(payload));
    return reply;
}

bool is_own_node(std::string_view node, const self_description& self) {
    if (node.empty()) return true;
    return !self.caps_node.empty() && node == self.caps_node + '#' + caps_ver(self.disco);
}

element unknown_node(const question& q) {
    return make_error(q.stanza, {condition::item_not_found, "there is no such node here"});
}

element answer_info(const question& q) {
    const std::string_view node = q.payload.attr("node");
    if (!is_own_node(node, q.self)) return unknown_node(q);
    return with_payload(q, to_element(q.self.disco, node));
}

element answer_items(const question& q) {
    const std::string_view node = q.payload.attr("node");
    if (!node.empty()) return unknown_node(q);
    return with_payload(q, to_element(q.self.items));
}

element answer_ping(const question& q) { return make_result(q.stanza); }

element answer_version(const question& q) {
    element query("query", std::string(ns::version));
    query.add(element("name", std::string(ns::version))).set_text(q.self.name);
    query.add(element("version", std::string(ns::version))).set_text(q.self.version);
    return with_payload(q, std::move(query));
}

/// XEP-0082, in UTC.
std::string date_time(system_time now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), length};
}

element answer_time(const question& q) {
    element time("time", std::string(ns::time));
    time.add(element("tzo", std::string(ns::time))).set_text("+00:00");
    time.add(element("utc", std::string(ns::time))).set_text(date_time(q.when.now));
    return with_payload(q, std::move(time));
}

/// XEP-0012: what an entity that is no account tells is how long it has been up.
element answer_last(const question& q) {
    element query("query", std::string(ns::last_activity));
    query.set("seconds", std::to_string(q.when.uptime.count()));
    return with_payload(q, std::move(query));
}

struct service {
    std::string_view name, ns;
    element (*answer)(const question&);
};
constexpr std::array<service, 6> services{{
    {"query", ns::disco_info, answer_info},
    {"query", ns::disco_items, answer_items},
    {"ping", ns::ping, answer_ping},
    {"query", ns::version, answer_version},
    {"time", ns::time, answer_time},
    {"query", ns::last_activity, answer_last},
}};

}  // namespace

std::vector<std::string> service_features() {
    std::vector<std::string> features;
    for (const service& s : services) features.emplace_back(s.ns);
    return features;
}

std::optional<element> answer(const element& stanza, const self_description& self, const moment& when) {
    if (!is_request(stanza)) {
        const std::string_view type = stanza.attr("type");
        if (!is_iq(stanza) || type == "result" || type == "error") return std::nullopt;
        return make_error(stanza,
                          {condition::bad_request, "an iq is a get, a set, a result or an error"});
    }
    const element* payload = payload_of(stanza);
    if (payload == nullptr)
        return make_error(stanza, {condition::bad_request, "an iq holds exactly one element"});
    for (const service& s : services) {
        if (!payload->is(s.name, s.ns)) continue;
        if (stanza.attr("type") == "set")
            return make_error(stanza,
                              {condition::feature_not_implemented, "this can only be asked, not set"});
        return s.answer({stanza, *payload, self, when});
    }
    return make_error(stanza, {condition::service_unavailable});
}

}  // namespace crosstalk::xmpp
