// One counterpart of the exchange: the path to it, its transactions, and what is owed to it.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "talk/batch_memory.hpp"
#include "talk/exchange.hpp"

namespace crosstalk::talk {

/// An iq of the counterpart that has no result yet.
struct owed_result {
    std::uint64_t serial;
    std::string id;
    base::time_point due;    ///< then it goes, whatever it waits for
    bool is_packed = false;  ///< the iq was: its result may be
    bool is_due = false;
    unsigned waiting = 0;            ///< new requests in it whose response has not begun
    std::vector<share> shares = {};  ///< whose body bytes came in it
};

/// How messages came: when, and in which stanza that is owed a result (null: in a result).
struct exchange::arrival {
    time_point now;
    owed_result* owed;
    bool is_delayed;
};

struct exchange::route {
    using table = std::unordered_map<std::string, std::unique_ptr<transaction>>;

    std::string jid;
    path way;
    table mine, theirs;             ///< by who opened them
    std::deque<transaction*> ring;  ///< those with something to say, in turn
    std::deque<owed_result> results;
    std::vector<std::pair<std::string, std::string>>
        refusals;  ///< batch and reason of shutdowns to send
    batch_memory used;
    bool is_active = false;
    bool has_control = false;  ///< something in the ring needs no credit of the path
    bool ping_due = false;

    [[nodiscard]] transaction* find(bool opened_here, const std::string& batch) const {
        const table& t = opened_here ? mine : theirs;
        const auto at = t.find(batch);
        return at == t.end() ? nullptr : at->second.get();
    }
    [[nodiscard]] transaction* find(const std::string& batch) const {
        transaction* t = find(true, batch);
        return t != nullptr ? t : find(false, batch);
    }
    [[nodiscard]] bool is_idle() const noexcept {
        return mine.empty() && theirs.empty() && ring.empty() && results.empty() && refusals.empty() &&
               used.empty() && !is_active && way.outstanding() == 0;
    }
};

}  // namespace crosstalk::talk
