// A deadline over operations, without a timer operation for each of them.
//
// Rule 1: moving the deadline only stores a time; the one timer looks at it when it fires.
// Rule 2: what passes while no operation is pending is noticed by the next one.
// Rule 3: the operation under watch is bound to slot(); a cancellation of the coroutine reaches it too.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <memory>

#include "base/clock.hpp"
#include "net/asio.hpp"

namespace crosstalk::net {

class deadline {
    struct core;

  public:
    explicit deadline(const executor& ex);
    deadline(const deadline&) = delete;
    deadline& operator=(const deadline&) = delete;
    ~deadline();

    /// time_point::max() = never, the state at the start.
    void set(base::time_point when);
    [[nodiscard]] bool has_passed() const noexcept;

    /// One operation under the deadline, from before it starts until after its completion.
    class watch {
      public:
        /// `parent` is the cancellation state of the coroutine that starts the operation.
        watch(deadline& over, const asio::cancellation_state& parent);
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;
        ~watch();

        /// Whether the time was over before the operation began: it need not be started.
        [[nodiscard]] bool has_passed() const noexcept;
        [[nodiscard]] asio::cancellation_slot slot() const noexcept;
        /// The operation's result, with timed_out where the deadline ended it.
        [[nodiscard]] error_code outcome(const error_code& ec) const noexcept;

      private:
        std::shared_ptr<core> core_;
        asio::cancellation_slot parent_;
    };

  private:
    static void arm(const std::shared_ptr<core>& c);
    static void look(const std::shared_ptr<core>& c);

    std::shared_ptr<core> core_;  ///< shared with the timer's completion handler
};

}  // namespace crosstalk::net
