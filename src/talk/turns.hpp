// Whose turn it is to say something: heads, signals and windows first, then bodies in turn, so that a
// small answer does not wait behind bulk.
//
// Rule 1: many small ones do not stop the large ones for good.
// Rule 2: each transaction stands in it once at most; a transaction that goes is forgotten first.
#pragma once

#include <deque>

#include "crosstalk/transaction.hpp"

namespace crosstalk::talk {

class turns {
  public:
    /// Queues the transaction if it has something to say.
    void enqueue(transaction& t);
    /// Takes out whose turn it is; null when there is none. `with_bodies` false: those wait that have
    /// body bytes alone.
    [[nodiscard]] transaction* next(bool with_bodies = true);
    void forget(transaction& t);
    [[nodiscard]] bool empty() const noexcept { return urgent_.empty() && bodies_.empty(); }
    /// Whether there is something besides bodies.
    [[nodiscard]] bool is_urgent() const noexcept { return !urgent_.empty(); }

  private:
    std::deque<transaction*> urgent_;  ///< with a head, a signal or a window to send
    std::deque<transaction*> bodies_;  ///< with body bytes alone
    unsigned urgent_in_a_row_ = 0;
};

}  // namespace crosstalk::talk
