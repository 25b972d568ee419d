// See direct_streams.hpp.
#include "gateway/direct_streams.hpp"

#include "base/log.hpp"

namespace crosstalk::gateway {

using base::log;
using base::log_level;

direct_streams::direct_streams(net::executor ex, talk::transaction_settings transactions)
    : ex_(ex), transactions_(transactions), tasks_(std::move(ex)) {}

void direct_streams::adopt(const std::string& full, net::byte_stream stream, std::string received) {
    log(log_level::info, "direct stream up",
        {{"peer", full}, {"address", stream.remote_address()}, {"port", stream.remote_port()}});
    net::direct_link_settings settings;
    settings.exchange.remote = full;
    settings.exchange.transactions = transactions_;
    auto link = std::make_shared<net::direct_link>(ex_, std::move(stream), std::move(received),
                                                   std::move(settings));
    if (const auto old = std::exchange(links_[full], link))
        old->close(http::closed_policy, talk::end_kind::replaced, "another stream takes its place");
    tasks_.spawn(carry(full, std::move(link)));
}

net::awaitable<void> direct_streams::carry(std::string full, link_pointer link) {
    const auto why = co_await link->run();
    if (const auto at = links_.find(full); at != links_.end() && at->second == link) links_.erase(at);
    const auto carried = link->carried();
    log(log_level::info, "direct stream ended",
        {{"peer", full},
         {"why", why},
         {"requests", carried.transactions},
         {"received", carried.received},
         {"sent", carried.sent}});
}

net::direct_link* direct_streams::find(const std::string& full) const {
    if (links_.empty()) return nullptr;
    const auto at = links_.find(full);
    return at != links_.end() && at->second->is_open() ? at->second.get() : nullptr;
}

void direct_streams::close(const std::string& full, const std::string& why) {
    if (auto* link = find(full)) link->close(http::closed_policy, talk::end_kind::offline, why);
}

void direct_streams::keep_only(const std::function<bool(const std::string& full)>& may_stay,
                               const std::string& why) {
    for (const auto& [full, link] : links_)
        if (!may_stay(full)) link->close(http::closed_policy, talk::end_kind::offline, why);
}

void direct_streams::close_all(const std::string& why) {
    for (const auto& [full, link] : links_)
        link->close(http::closed_going_away, talk::end_kind::offline, why);
}

net::awaitable<void> direct_streams::join() { return tasks_.join(); }

}  // namespace crosstalk::gateway
