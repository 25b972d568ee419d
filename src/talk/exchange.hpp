// The exchange table: every open transaction, the path to each counterpart, and the stanzas between
// them (carriage 1 of docs/protocol.md). Stanzas in, stanzas and events out.
//
// Rule 1: only the full JID that was asked may answer; everything else is counted and dropped.
// Rule 2: nothing is run twice: a request object for a batch that this JID has used is dropped.
// Rule 3: results go within 20 ms; those for new requests wait that long at most for their answers.
// Rule 4: no callbacks, no clock, no randomness: names that must be unguessable are arguments.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "crosstalk/transaction.hpp"
#include "talk/decoder.hpp"
#include "talk/event_queue.hpp"
#include "talk/packing.hpp"
#include "talk/path.hpp"
#include "talk/stanza_limit.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::talk {

struct payload;

/// Lets maps be searched for a view of a name.
struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
        return std::hash<std::string_view>{}(name);
    }
};

struct exchange_settings {
    std::string from;                  ///< written as `from` of every stanza; "" for clients
    std::string id_prefix;             ///< unguessable, for stanza ids
    std::size_t max_stanza = 262'144;  ///< what we send and take at most, as servers write it
    transaction_settings transactions;
    bool accepts_requests = false;     ///< peers do, gateways do not
    base::milliseconds resumption{0};  ///< how long the session below can resume (XEP-0198); 0: never
    std::size_t max_open = 4096;       ///< transactions that others may have open here
    std::size_t max_paths = 16'384;    ///< counterparts remembered
};

/// What was dropped or refused, for logs and metrics.
struct exchange_counters {
    std::uint64_t unknown_batch = 0, unasked_answer = 0, repeated_request = 0, broken_message = 0,
                  malformed = 0, refused = 0;
};

class exchange {
  public:
    using time_point = base::time_point;
    using settings_type = exchange_settings;

    explicit exchange(exchange_settings settings);
    ~exchange();

    // The owner's side.

    /// Opens a transaction; it belongs to the exchange and is held by the caller until release().
    [[nodiscard]] transaction& open(const std::string& jid, std::string batch, cgi::environ_map request,
                                    bool body_follows, time_point now);
    /// Something was done to the transaction that may have to be sent.
    void touch(transaction& t);
    /// The caller lets go. What is finished goes out to its end; what is not is given up.
    void release(transaction& t);
    void attach(transaction& t, void* attachment) noexcept { t.attachment_ = attachment; }
    [[nodiscard]] void* attachment(const transaction& t) const noexcept { return t.attachment_; }
    [[nodiscard]] std::optional<exchange_event> poll() { return events_.poll(); }

    // The wire's side.

    /// Whether the stanza was the exchange's business.
    bool receive(const xmpp::element& stanza, time_point now);
    /// Appends the next stanza that may go now; false when there is none.
    [[nodiscard]] bool next_stanza(std::string& out, time_point now);
    void online(bool resumed, time_point now);
    /// The stream is gone. `broke_policy`: the server closed it for something that it was sent; if that
    /// may have been too large, stanzas are at most half as large from now on.
    void offline(time_point now, bool broke_policy = false);
    void unavailable(const std::string& jid);
    /// A sign of life from that full JID that was no business of the exchange.
    void heard(const std::string& jid, time_point now);
    [[nodiscard]] std::optional<time_point> deadline() const;
    void expire(time_point now);

    [[nodiscard]] bool is_responsive(const std::string& jid) const;
    [[nodiscard]] std::size_t open_count() const noexcept { return open_; }
    [[nodiscard]] std::size_t open_count(const std::string& jid) const noexcept;
    [[nodiscard]] const exchange_counters& counters() const noexcept { return counters_; }

  private:
    static constexpr base::milliseconds tick_busy{250};  ///< between looks at open transactions
    struct arrival;
    struct route;  ///< one counterpart: its path, its transactions, what is owed to it

    route& route_to(const std::string& jid);
    route* find_route(std::string_view jid) const;
    void forget_idle_routes(time_point now);
    [[nodiscard]] bool has_set_aside(time_point now) const;
    void wake_by(time_point when);
    void receive_set(const xmpp::element& stanza, time_point now);
    void receive_answer(route& r, const xmpp::element& stanza, time_point now);
    void note_sender(route& r, const payload& p);
    [[nodiscard]] result<std::vector<decoded>> read(const payload& p);
    void take_messages(route& r, std::vector<decoded>&& messages, const arrival& a);
    void take_message(route& r, message&& m, const arrival& a);
    void take_request(route& r, message&& m, const arrival& a);
    void refuse(route& r, const std::string& batch, std::string_view reason);
    void refuse_stanza(const xmpp::element& stanza, std::string_view condition, std::string_view text);
    void settle_held_result(transaction& t);
    void drop_if_done(transaction& t);
    void end_all(route& r, end_kind kind, const std::string& reason);
    void end_everything();
    void shrink_stanzas();
    void activate(route& r);
    void enqueue(route& r, transaction& t);
    bool append_result(route& r, std::string& out);
    bool append_set(route& r, std::string& out, time_point now);
    bool append_ping(route& r, std::string& out, time_point now);
    struct filling;
    void fill(route& r, filling& f);
    void close(filling& f, bool packed);
    void fill_one(route& r, transaction& t, filling& f, bool payload);
    void check_liveness(route& r, time_point now);
    void end_lost(route& r, time_point now);
    [[nodiscard]] std::string next_id();

    exchange_settings settings_;
    stanza_limit limit_;
    decoder decoder_;
    packer packer_;
    unpacker unpacker_;
    std::unordered_map<std::string, std::unique_ptr<route>, name_hash, std::equal_to<>> routes_;
    std::deque<route*> active_;          ///< routes that may have something to send, in turn
    std::vector<route*> holding_;        ///< routes with results that wait for something
    std::vector<std::string> refusals_;  ///< stanza errors to send, whole
    event_queue events_;
    std::optional<time_point> tick_;
    std::size_t open_ = 0;
    std::size_t incoming_ = 0;
    std::uint64_t serial_ = 0;
    bool online_ = false;
    std::optional<time_point> lost_at_;  ///< when the stream went that may be resumed
    exchange_counters counters_;
};

}  // namespace crosstalk::talk
