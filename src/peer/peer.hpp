// The peer's stream and life: it logs in, meets its gateways, has requests answered, and stops in order
// when it is told to. What it serves and whom it tells is its owner's business.
#pragma once

#include <string_view>

#include "net/exchange_link.hpp"
#include "peer/direct_streams.hpp"
#include "peer/doorkeeper.hpp"
#include "peer/gateway_contacts.hpp"
#include "peer/login.hpp"
#include "peer/request_desk.hpp"
#include "xmpp/client_session.hpp"
#include "xmpp/services.hpp"

namespace crosstalk::peer {

/// What the peer tells its owner. All are set.
struct publisher_events {
    std::function<void(const std::string& url)> on_site;      ///< each address, once it answers there
    std::function<void(std::string_view text)> on_news;       ///< sentences, when something changes
    std::function<void(std::string_view lines)> on_requests;  ///< a line for each that has ended
};

/// How a peer's life ended.
struct ending {
    enum class kind {
        stopped,
        login_failed,  ///< in a way that trying again does not mend
        refused,       ///< a gateway has no site for us
    };
    kind what = kind::stopped;
    error_code error;  ///< beside login_failed
    std::string text;  ///< beside login_failed: what happened
};

class publisher {
  public:
    /// `self` is a full JID, and `settings` tells the account. `names` must outlive this.
    publisher(net::executor ex, net::resolver& names, settings s, xmpp::jid self,
              net::tls_client_context tls, offering what, publisher_events events);

    /// Keeps the site up until stop(), or until it cannot be.
    [[nodiscard]] net::awaitable<ending> run();
    /// What runs may come to its end first, for a moment; new requests are refused.
    void stop();

  private:
    [[nodiscard]] net::link_events make_link_events();
    [[nodiscard]] direct_surroundings make_surroundings(net::resolver& names,
                                                        const net::tls_client_context& tls);
    [[nodiscard]] xmpp::element make_server_ping(std::string_view id) const;

    void on_online(const xmpp::online& how);
    void on_offline(error_code error, const std::string& text, base::milliseconds retry);
    void on_stanza(const xmpp::element& stanza);
    void on_idle();
    [[nodiscard]] std::size_t open_count() const;
    void settle();
    void on_presence(const xmpp::element& stanza);
    void on_roster();
    template <class Core>
    void send_from(Core& core);
    void flush();
    void tell(const contact_event& event);
    void arm_timer();
    void tell_address();
    [[nodiscard]] net::awaitable<void> wind_down();

    net::executor ex_;
    settings settings_;
    publisher_events events_;
    xmpp::jid self_;
    xmpp::self_description description_ = describe_self();
    base::time_point began_ = base::clock::now();
    xmpp::client_session session_;
    roster roster_;
    guest_list guests_;
    doorkeeper door_;
    gateway_contacts contacts_;
    net::xmpp_link link_;
    net::exchange_link exchange_;
    net::chat_link chat_;  ///< for gateways that speak as in 2008
    net::http_link http_;  ///< for those that speak XEP-0332
    net::in_band_group in_band_;
    request_desk desk_;
    direct_streams directs_;
    net::task_group tasks_;
    net::asio::steady_timer timer_;
    bool is_settling_ = false;  ///< resumed, and the server has not answered the ping since
    std::string settling_;      ///< that ping's id, once it could be sent
    bool was_offline_ = false;
    bool has_told_address_ = false;
    bool has_acknowledgement_due_ = false;
    bool is_stopping_ = false;
    ending ending_;
};

}  // namespace crosstalk::peer
