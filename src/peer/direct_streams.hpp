// The peer's direct streams, one for each gateway that serves it; none where that is not wanted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/task_group.hpp"
#include "peer/direct_access.hpp"
#include "peer/settings.hpp"

namespace crosstalk::peer {

/// What the streams have to do with the rest of the peer.
struct direct_surroundings {
    net::executor ex;
    net::resolver& names;
    net::tls_client_context tls;
    std::string own_domain;
    std::function<bool(const xmpp::element&)> send;  ///< whether it could be sent
    std::function<void(net::call)> on_request;
    std::function<void(std::string_view text)> on_news;  ///< for people
};

class direct_streams {
  public:
    direct_streams(const settings& s, const direct_surroundings& around);

    void start(net::task_group& tasks);
    void stop();
    [[nodiscard]] bool is_over() const;

    /// A gateway has told that it knows us.
    void meet(std::string_view gateway);
    /// A gateway has shown itself.
    void see(std::string_view gateway);
    void online();
    void offline();
    /// Whether the stanza was one of theirs; then it is dealt with.
    [[nodiscard]] bool receive(const xmpp::element& stanza);
    [[nodiscard]] std::size_t open_count() const;

  private:
    std::vector<std::unique_ptr<direct_access>> all_;
};

}  // namespace crosstalk::peer
