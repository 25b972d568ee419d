// The transactions that travel as HTTP over XMPP transport (XEP-0332; carriage 3 of docs/protocol.md):
// stanzas in, stanzas and events out.
//
// Rule 1: only the full JID that was asked may answer, and only whoever opened a stream may fill it.
// Rule 2: chunks are not acknowledged, so a ping goes after some of them, and no more go than pings
// have
//         been answered for: a server's queue is not filled ahead of everybody else's stanzas.
// Rule 3: who sends faster than its body is read is slowed where XEP-0047 can (its iqs are answered
//         later), and cut off where nothing can.
// Rule 4: what a resumed stream may bring again is not run again.
// Rule 5: no callbacks, no clock, no randomness.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "crosstalk/transaction.hpp"
#include "talk/event_queue.hpp"
#include "talk/exchange.hpp"
#include "talk/http_stanza.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::talk {

struct http_exchange_settings {
    std::string from;                  ///< written as `from` of every stanza; "" for clients
    std::string own_name;              ///< stands for a missing Host
    std::string id_prefix;             ///< unguessable, for ids of stanzas and streams
    std::size_t max_stanza = 262'144;  ///< of what we send, as servers write it
    transaction_settings transactions;
    bool accepts_requests = false;     ///< peers do, gateways do not
    base::milliseconds resumption{0};  ///< how long the session below can resume (XEP-0198); 0: never
    std::size_t max_open = 4096;       ///< transactions that others may have open here
    std::size_t max_paths = 16'384;    ///< counterparts remembered
    /// A body's bytes that wait to be read, as multiples of a transaction's buffer.
    std::size_t most_unread = 16;
    base::milliseconds gap{30'000};         ///< how long a missing chunk is waited for
    base::milliseconds idle_body{600'000};  ///< how long for more of a body
};

class http_exchange {
  public:
    using time_point = base::time_point;
    using settings_type = http_exchange_settings;

    explicit http_exchange(http_exchange_settings settings);
    ~http_exchange();

    // The owner's side, as of exchange. `batch` also is the id of the request's iq.

    [[nodiscard]] transaction& open(const std::string& jid, std::string batch, cgi::environ_map request,
                                    bool body_follows, time_point now);
    void touch(transaction& t);
    void release(transaction& t);
    void attach(transaction& t, void* attachment) noexcept { t.attachment_ = attachment; }
    [[nodiscard]] void* attachment(const transaction& t) const noexcept { return t.attachment_; }
    [[nodiscard]] std::optional<exchange_event> poll() { return events_.poll(); }

    // The wire's side, as of exchange.

    bool receive(const xmpp::element& stanza, time_point now);
    [[nodiscard]] bool next_stanza(std::string& out, time_point now);
    void online(bool resumed, time_point now);
    void offline(time_point now, bool broke_policy = false);
    void unavailable(const std::string& jid);
    void heard(const std::string& jid, time_point now);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return tick_; }
    void expire(time_point now);

    [[nodiscard]] bool is_responsive(const std::string& jid) const;
    [[nodiscard]] std::size_t open_count() const noexcept { return open_; }
    [[nodiscard]] std::size_t open_count(const std::string& jid) const noexcept;
    [[nodiscard]] const exchange_counters& counters() const noexcept { return counters_; }

  private:
    struct visit;  ///< a transaction and its streams
    struct route;  ///< one counterpart
    using table = std::unordered_map<std::string, std::unique_ptr<visit>>;

    route& route_to(const std::string& jid);
    route* find_route(std::string_view jid) const;
    visit& visit_of(const transaction& t);
    void wake_by(time_point when);

    // What has come.
    bool receive_iq(const xmpp::element& stanza, time_point now);
    bool receive_answer(route& r, const xmpp::element& stanza, time_point now);
    void take_answer(route& r, visit& v, const xmpp::element& stanza, time_point now);
    void take_request(const xmpp::element& stanza, const xmpp::element& req, time_point now);
    void open_incoming(route& r, const std::string& id, http_request&& asked, cgi::environ_map request,
                       time_point now);
    [[nodiscard]] bool is_repeated(const route* r, const std::string& id, time_point now) const;
    bool receive_message(const xmpp::element& stanza, time_point now);
    void take_chunk(route& r, const xmpp::element& chunk, time_point now);
    void take_cancel(route& r, std::string_view stream);
    void take_bounce(route& r, const xmpp::element& stanza);
    bool receive_bytestream(const xmpp::element& stanza, time_point now);
    void open_bytestream(visit& v, const xmpp::element& stanza, const xmpp::element& open);
    void take_block(route& r, visit& v, const xmpp::element& stanza, const xmpp::element& data,
                    time_point now);
    void take_body(route& r, visit& v, http_body&& body, message&& head, time_point now);
    void deliver(visit& v, message&& m, std::string_view bytes, bool is_last, time_point now);
    void answer_owed(visit& v);

    // What is to go.
    void answer(std::string_view id, std::string_view to);
    void refuse(const xmpp::element& stanza, xmpp::condition what, std::string text = {});
    void notify(std::string_view to, xmpp::element payload);
    void give_up_stream(std::string_view to, std::string_view name);
    [[nodiscard]] static bool has_output(const visit& v) noexcept;
    void enqueue(route& r, visit& v);
    void activate(route& r);
    bool append_next(std::string& out, time_point now);
    bool append_ping(route& r, std::string& out, time_point now);
    bool append_head(route& r, std::string& out, time_point now);
    bool append_request(visit& v, std::string& out, time_point now);
    bool append_response(visit& v, std::string& out);
    bool append_body(route& r, std::string& out, time_point now);
    bool append_mark(route& r, std::string& out, time_point now);
    void append_chunk(visit& v, std::string& out, time_point now);
    [[nodiscard]] std::size_t chunk_size(const visit& v) const noexcept;
    [[nodiscard]] http_body take_whole(visit& v, bool has_none);
    [[nodiscard]] xmpp::element iq(std::string_view type, std::string_view id,
                                   std::string_view to) const;

    // Ends.
    void settle(visit& v);
    void take_leave(route& r, visit& v);
    void refuse_late(visit& v);
    void drop_if_done(visit& v);
    void end_all(route& r, end_kind kind, const std::string& reason);
    void end_everything();
    void check_bodies(route& r, time_point now);
    void check_liveness(route& r, time_point now);
    void forget_idle_routes(time_point now);
    [[nodiscard]] bool has_set_aside(time_point now) const;
    void shrink_stanzas();
    [[nodiscard]] std::string next_id();

    http_exchange_settings settings_;
    stanza_limit limit_;
    std::unordered_map<std::string, std::unique_ptr<route>, name_hash, std::equal_to<>> routes_;
    std::deque<route*> active_;        ///< routes that may have something to send, in turn
    std::deque<std::string> notices_;  ///< whole stanzas: what is owed, and what ends streams
    event_queue events_;
    /// Of those whom nobody waits for any more: what they begin to send is cancelled.
    std::deque<std::pair<std::string, std::string>> abandoned_;
    std::optional<time_point> tick_;
    std::size_t open_ = 0;
    std::size_t incoming_ = 0;
    std::uint64_t serial_ = 0;
    std::size_t largest_sent_ = 0;  ///< bytes of a stanza, on this stream
    bool online_ = false;
    std::optional<time_point> lost_at_;  ///< when the stream went that may be resumed
    time_point replayed_until_{};        ///< until when the server may bring again what was here
    exchange_counters counters_;
};

}  // namespace crosstalk::talk
