// What an exchange of any carriage has to tell its owner, in order: transactions that came, and those
// that have changed since the owner last looked.
//
// Rule: each transaction stands in it once at most; a transaction that goes is forgotten first.
#pragma once

#include <deque>
#include <optional>

#include "crosstalk/transaction.hpp"

namespace crosstalk::talk {

/// Something for the owner: a transaction that came, or one whose state changed.
struct exchange_event {
    transaction* subject = nullptr;
    bool opened = false;  ///< new, from the other side; to be held or released
    transaction::change change;
};

class event_queue {
  public:
    /// The transaction came from the other side.
    void opened(transaction& t);
    /// Something may have changed that its owner waits for.
    void changed(transaction& t);
    void forget(transaction& t);
    [[nodiscard]] std::optional<exchange_event> poll();

  private:
    std::deque<exchange_event> events_;
};

/// Its owner lets go of the transaction. What is finished goes out to its end, what is not is given up.
void let_go(transaction& t);

}  // namespace crosstalk::talk
