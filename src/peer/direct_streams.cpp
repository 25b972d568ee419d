// See direct_streams.hpp.
#include "peer/direct_streams.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "http/target.hpp"

namespace crosstalk::peer {

direct_streams::direct_streams(const settings& s, const direct_surroundings& around) {
    if (s.direct == direct_use::never) return;
    const bool is_server_here =
        http::is_this_machine(s.server_host.empty() ? around.own_domain : s.server_host);
    for (const auto& gateway : s.gateways) {
        direct_access_settings one;
        one.rules = {gateway, s.direct_hosts, is_server_here};
        one.exchange.remote = gateway;
        one.exchange.transactions.buffer = s.buffer;
        one.exchange.accepts_requests = true;
        one.exchange.max_open = 2 * s.transactions;
        one.is_required = s.direct == direct_use::required;
        one.id_prefix = base::random_id() + '-';
        auto& made = all_.emplace_back(
            std::make_unique<direct_access>(around.ex, around.names, around.tls, std::move(one)));
        made->send = around.send;
        made->on_request = around.on_request;
        made->on_news = around.on_news;
    }
}

void direct_streams::start(net::task_group& tasks) {
    for (auto& each : all_) tasks.spawn(each->run());
}

void direct_streams::stop() {
    for (auto& each : all_) each->stop();
}

bool direct_streams::is_over() const { return std::ranges::all_of(all_, &direct_access::is_over); }

void direct_streams::meet(std::string_view gateway) {
    for (auto& each : all_)
        if (each->gateway() == gateway) each->meet();
}

void direct_streams::see(std::string_view gateway) {
    for (auto& each : all_)
        if (each->gateway() == gateway) each->meet_again();
}

void direct_streams::online() {
    for (auto& each : all_) each->meet_again();
}

void direct_streams::offline() {
    for (auto& each : all_) each->offline();
}

bool direct_streams::receive(const xmpp::element& stanza) {
    return std::ranges::any_of(all_, [&](const auto& each) { return each->receive(stanza); });
}

std::size_t direct_streams::open_count() const {
    std::size_t all = 0;
    for (const auto& each : all_) all += each->open_count();
    return all;
}

}  // namespace crosstalk::peer
