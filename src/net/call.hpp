// One transaction as the coroutine that owns it sees it, whatever carries its messages.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "crosstalk/transaction.hpp"
#include "net/asio.hpp"

namespace crosstalk::net {

/// What moves the messages of calls: stanzas (exchange_link), or a stream of its own (direct_link).
class carriage {
  public:
    carriage() = default;
    carriage(const carriage&) = delete;
    carriage& operator=(const carriage&) = delete;
    virtual ~carriage() = default;

    [[nodiscard]] virtual const executor& get_executor() const noexcept = 0;
    /// Ties what waits for the transaction to it.
    virtual void attach(talk::transaction& t, void* waiters) = 0;
    /// Something was done to the transaction: what has to be sent for it goes soon.
    virtual void touch(talk::transaction& t) = 0;
    /// The call lets go of it.
    virtual void release(talk::transaction& t) = 0;
};

/// Destroying it gives up what is not over. The members that change something also see to it that it
/// gets sent.
class call {
  public:
    call();
    /// For carriages: takes the transaction over.
    call(std::shared_ptr<carriage> by, talk::transaction* t);
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

    /// Calls `changed` after each change of the incoming side, whoever waits; an empty function to
    /// forget it.
    void watch(std::function<void()> changed);

    [[nodiscard]] std::string take(std::size_t max = std::string::npos);
    void respond(talk::response_start start);
    void write(std::string_view bytes);  ///< at most room()
    void finish();
    void shut_down(std::string_view reason);
    /// Wakes both waiters of this call: for an owner whose other half has ended.
    void wake();

    /// For carriages: wakes whom a change concerns. `waiters` is what attach() was given, or null.
    static void tell(void* waiters, talk::transaction::change change);

  private:
    struct waiters;
    std::shared_ptr<carriage> carriage_;
    talk::transaction* transaction_ = nullptr;
    std::unique_ptr<waiters> waiters_;
};

/// Hands the events of a core to those whom they concern.
template <class Core>
void hand_out_events(Core& core, const std::shared_ptr<carriage>& by,
                     const std::function<void(call)>& on_request) {
    while (const auto event = core.poll()) {
        talk::transaction& t = *event->subject;
        if (event->opened) {
            call c(by, &t);
            if (on_request) on_request(std::move(c));
        } else {
            call::tell(core.attachment(t), event->change);
        }
    }
}

}  // namespace crosstalk::net
