// What the exchange of chat messages knows of one counterpart, and of each transaction with it.
#pragma once

#include <limits>

#include "talk/batch_memory.hpp"
#include "talk/chat_exchange.hpp"
#include "talk/path.hpp"
#include "talk/turns.hpp"

namespace crosstalk::talk {

struct chat_exchange::visit {
    visit(role side, const std::string& remote, std::string batch, transaction_settings s,
          time_point now)
        : t(side, remote, std::move(batch), s, now) {
        // There are no windows here: whoever sends does so as the path takes it.
        t.window_ = t.window_sent_ = std::numeric_limits<std::uint64_t>::max() / 2;
    }

    transaction t;
    chat_body_reader body;      ///< of what comes
    bool is_announced = false;  ///< its owner knows of it
};

struct chat_exchange::route {
    struct mark {
        std::string id;
        time_point sent;
    };

    std::string jid;
    std::unordered_map<std::string, std::unique_ptr<visit>> open;  ///< by batch
    turns waiting;
    path way;
    std::deque<mark> marks;    ///< pings without a pong, oldest first
    std::size_t unmarked = 0;  ///< bytes of stanzas since the last ping
    bool is_mute = false;      ///< a ping was not answered in time
    bool is_known = false;     ///< it has answered or asked: `packs` is its own form
    bool packs = false;
    bool is_gone = false;  ///< unavailable: forgotten once nobody holds a transaction with it
    bool is_active = false;
    batch_memory used;

    [[nodiscard]] visit* find(const std::string& batch) const {
        const auto at = open.find(batch);
        return at == open.end() ? nullptr : at->second.get();
    }
    [[nodiscard]] std::vector<visit*> everybody() const {
        std::vector<visit*> all;
        all.reserve(open.size());
        for (const auto& [batch, v] : open) all.push_back(v.get());
        return all;
    }
    /// Whether a piece of a body may go now.
    [[nodiscard]] bool may_send(time_point now) {
        return unmarked < way.aim() && way.may_send(now) && !(is_mute && !marks.empty());
    }
};

}  // namespace crosstalk::talk
