// What the exchange over XEP-0332 knows of one counterpart, and of each transaction with it.
#pragma once

#include "talk/batch_memory.hpp"
#include "talk/chunk_order.hpp"
#include "talk/http_exchange.hpp"
#include "talk/path.hpp"

namespace crosstalk::talk {

/// A body that comes after its head.
struct incoming_stream {
    http_body::form how = http_body::form::none;
    std::string name;
    base::time_point last_came{};
    bool is_complete = false;
    chunk_order order;  ///< of chunks
    std::optional<base::time_point> gap_since = {};
    bool is_open = false;  ///< a bytestream: opened by XEP-0047
    std::size_t block_size = 0;
    std::uint16_t sequence = 0;          ///< expected next
    std::vector<std::string> owed = {};  ///< ids of iqs that are answered once there is room
};

struct http_exchange::visit {
    visit(role side, const std::string& remote, std::string id, transaction_settings s, time_point now)
        : t(side, remote, std::move(id), s, now) {}

    transaction t;
    std::string script_name;  ///< of the site that is asked
    std::size_t max_chunk = usual_chunk;
    bool is_head = false;      ///< the method is HEAD
    bool is_answered = false;  ///< the request's iq is
    bool has_left = false;     ///< the other side knows that it is over, if it has to
    std::string out_stream;    ///< the name of the body that we send, if it follows
    std::uint64_t next_number = 0;
    bool discards = false;  ///< nobody wants the body that we send
    incoming_stream in;
};

struct http_exchange::route {
    std::string jid;
    path way;
    table mine, theirs;                               ///< by the id of the request's iq
    std::unordered_map<std::string, visit*> streams;  ///< that come in, by form and name
    std::deque<visit*> ring;                          ///< those with something to say, in turn
    std::size_t unmarked = 0;                         ///< bytes of chunks since the last ping
    std::size_t burst = 0;                            ///< how many may go before the next
    batch_memory used;
    bool is_active = false;
    bool ping_due = false;

    [[nodiscard]] static std::string key(http_body::form how, std::string_view name) {
        return (how == http_body::form::chunks ? "c:" : "b:") + std::string(name);
    }
    [[nodiscard]] visit* find_stream(http_body::form how, std::string_view name) const {
        const auto at = streams.find(key(how, name));
        return at == streams.end() ? nullptr : at->second;
    }
    /// The stream is at its end; its name may be another's by now.
    void forget_stream(const visit& v) {
        const auto at = streams.find(key(v.in.how, v.in.name));
        if (at != streams.end() && at->second == &v) streams.erase(at);
    }
    [[nodiscard]] visit* find(role side, const std::string& id) const {
        const table& all = side == role::asker ? mine : theirs;
        const auto at = all.find(id);
        return at == all.end() ? nullptr : at->second.get();
    }
    [[nodiscard]] std::vector<visit*> everybody() const {
        std::vector<visit*> all;
        for (const auto* one : {&mine, &theirs})
            for (const auto& [id, v] : *one) all.push_back(v.get());
        return all;
    }
    [[nodiscard]] bool is_idle() const noexcept {
        return mine.empty() && theirs.empty() && used.empty() && !is_active && way.outstanding() == 0;
    }
};

}  // namespace crosstalk::talk
