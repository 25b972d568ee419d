// The direct streams that are up, by full JID.
//
// Rule 1: one for each full JID: a second one takes the first one's place.
// Rule 2: each leaves a line in the log when it comes and when it goes, with the bytes that it carried.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/direct_link.hpp"
#include "net/task_group.hpp"

namespace crosstalk::gateway {

class direct_streams {
  public:
    direct_streams(net::executor ex, talk::transaction_settings transactions);

    /// Takes a WebSocket over whose handshake is done; `received` is what has been read of it already.
    void adopt(const std::string& full, net::byte_stream stream, std::string received);
    /// The stream of that JID that carries, or null.
    [[nodiscard]] net::direct_link* find(const std::string& full) const;
    [[nodiscard]] std::size_t size() const noexcept { return links_.size(); }

    void close(const std::string& full, const std::string& why);
    /// Closes those whose JID no longer meets the condition.
    void keep_only(const std::function<bool(const std::string& full)>& may_stay,
                   const std::string& why);
    void close_all(const std::string& why);
    /// Waits until all have ended; close_all() first.
    [[nodiscard]] net::awaitable<void> join();

  private:
    using link_pointer = std::shared_ptr<net::direct_link>;
    [[nodiscard]] net::awaitable<void> carry(std::string full, link_pointer link);

    net::executor ex_;
    talk::transaction_settings transactions_;
    std::unordered_map<std::string, link_pointer> links_;
    net::task_group tasks_;
};

}  // namespace crosstalk::gateway
