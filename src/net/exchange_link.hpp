// An exchange on the network: its stanzas over an xmpp_link, its transactions to coroutines. What the
// stanzas look like is the exchange's matter: one template serves all that travel in band.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/call.hpp"
#include "net/in_band.hpp"
#include "talk/chat_exchange.hpp"
#include "talk/exchange.hpp"
#include "talk/http_exchange.hpp"

namespace crosstalk::net {

/// `Core` is an exchange as talk/exchange.hpp shapes it.
template <class Core>
class stanza_link final : public in_band, private carriage {
  public:
    using settings_type = typename Core::settings_type;

    /// `random_id` feeds batches and stanza ids. The link must outlive this.
    stanza_link(executor ex, xmpp_link& link, settings_type settings);
    ~stanza_link() override;

    /// Asks the resource `jid`. With `body_follows` false the request is finished at once.
    [[nodiscard]] call open(std::string jid, cgi::environ_map request, bool body_follows);
    /// What to do with a request that has come (peers). Called with the request already there. Unset:
    /// refused.
    std::function<void(call)> on_request;

    // As in_band has it.

    bool receive(const xmpp::element& stanza) override;
    void on_online(const xmpp::online& how) override;
    void on_offline(const error_code& why) override;
    void on_idle() override;
    void unavailable(const std::string& full_jid) override;
    void available(const std::string& full_jid) override;
    [[nodiscard]] bool is_responsive(const std::string& full_jid) const override;
    [[nodiscard]] std::size_t open_count() const noexcept override;
    [[nodiscard]] std::size_t open_count(const std::string& full_jid) const noexcept override;

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

using exchange_link = stanza_link<talk::exchange>;
/// Of those who speak the CrossTalk of 2008.
using chat_link = stanza_link<talk::chat_exchange>;
/// Of those who speak XEP-0332.
using http_link = stanza_link<talk::http_exchange>;

}  // namespace crosstalk::net
