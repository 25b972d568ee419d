// The exchange on the network: its stanzas over an xmpp_link, its transactions to coroutines.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "crosstalk/transaction.hpp"
#include "net/task_group.hpp"
#include "net/xmpp_link.hpp"
#include "talk/exchange.hpp"

namespace crosstalk::net {

class exchange_link;

/// One transaction as the coroutine that owns it sees it. Destroying it gives up what is not over.
/// The members that change something also see to it that it gets sent.
class call {
  public:
    call() = default;
    call(call&&) noexcept;
    call& operator=(call&&) noexcept;
    ~call();

    [[nodiscard]] explicit operator bool() const noexcept { return transaction_ != nullptr; }
    [[nodiscard]] const talk::transaction& operator*() const noexcept { return *transaction_; }
    [[nodiscard]] const talk::transaction* operator->() const noexcept { return transaction_; }

    /// Waits until something of the incoming side has changed since the last look: request accepted,
    /// response started, body bytes, finish, end. Look at the state first, then wait. Returns false
    /// when `deadline` came first. One waiter at a time.
    [[nodiscard]] awaitable<bool> wait_in(base::time_point deadline = base::time_point::max());
    /// Waits until room() > 0 or the transaction is over. Returns false when `deadline` came first.
    [[nodiscard]] awaitable<bool> wait_room(base::time_point deadline = base::time_point::max());

    [[nodiscard]] std::string take(std::size_t max = std::string::npos);
    void respond(talk::response_start start);
    void write(std::string_view bytes);  ///< at most room()
    void finish();
    void shut_down(std::string_view reason);
    /// Wakes both waiters of this call: for an owner whose other half has ended.
    void wake();

  private:
    friend class exchange_link;
    struct waiters;
    void touched();
    call(exchange_link* link, talk::transaction* t);
    exchange_link* link_ = nullptr;
    talk::transaction* transaction_ = nullptr;
    std::unique_ptr<waiters> waiters_;
};

class exchange_link {
  public:
    /// `random_id` feeds batches and stanza ids. The link must outlive this.
    exchange_link(executor ex, xmpp_link& link, talk::exchange_settings settings);
    ~exchange_link();
    exchange_link(const exchange_link&) = delete;

    /// Asks the resource `jid`. With `body_follows` false the request is finished at once.
    [[nodiscard]] call open(std::string jid, cgi::environ_map request, bool body_follows);
    /// What to do with a request that has come (peers). Called with the request already there. Unset:
    /// refused.
    std::function<void(call)> on_request;

    /// To be called by the owner of the xmpp_link, from its events.
    /// Whether the stanza was the exchange's business; then it is dealt with.
    bool receive(const xmpp::element& stanza);
    void on_online(const xmpp::online& how);
    void on_offline();
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
    friend class call;
    void pump();
    void pump_soon();
    void hand_out_events();
    void arm_timer();

    struct state;
    std::shared_ptr<state> state_;  ///< shared with what is posted
};

}  // namespace crosstalk::net
