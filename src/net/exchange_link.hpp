// The exchange on the network: its stanzas over an xmpp_link, its transactions to coroutines.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/call.hpp"
#include "net/xmpp_link.hpp"
#include "talk/exchange.hpp"

namespace crosstalk::net {

class exchange_link final : private carriage {
  public:
    /// `random_id` feeds batches and stanza ids. The link must outlive this.
    exchange_link(executor ex, xmpp_link& link, talk::exchange_settings settings);
    ~exchange_link() override;

    /// Asks the resource `jid`. With `body_follows` false the request is finished at once.
    [[nodiscard]] call open(std::string jid, cgi::environ_map request, bool body_follows);
    /// What to do with a request that has come (peers). Called with the request already there. Unset:
    /// refused.
    std::function<void(call)> on_request;

    /// To be called by the owner of the xmpp_link, from its events.
    /// Whether the stanza was the exchange's business; then it is dealt with.
    bool receive(const xmpp::element& stanza);
    void on_online(const xmpp::online& how);
    void on_offline(const error_code& why);
    void on_idle();  ///< also after anything that the owner itself did outside of a call
    /// That full JID has become unavailable.
    void unavailable(const std::string& full_jid);
    /// That full JID has shown itself available, maybe anew (presence of a resource that was known).
    void available(const std::string& full_jid);
    /// Whether the resource answers: false between a missed pong and its next stanza.
    [[nodiscard]] bool is_responsive(const std::string& full_jid) const;
    [[nodiscard]] std::size_t open_count() const noexcept;
    [[nodiscard]] std::size_t open_count(const std::string& full_jid) const noexcept;

  private:
    [[nodiscard]] const executor& get_executor() const noexcept override;
    void attach(talk::transaction& t, void* waiters) override;
    void touch(talk::transaction& t) override;
    void release(talk::transaction& t) override;

    void pump();
    void pump_soon();
    void hand_out();
    void arm_timer();

    struct state;
    std::shared_ptr<state> state_;  ///< shared with what is posted
};

}  // namespace crosstalk::net
