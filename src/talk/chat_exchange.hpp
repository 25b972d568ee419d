// The transactions that travel as chat messages, with counterparts written to the CrossTalk of 2008
// (carriage 2 of docs/protocol.md): stanzas in, stanzas and events out.
//
// Rule 1: only the full JID that was asked may answer; only the domains in the settings may ask. What
//         else comes as chat is not for us.
// Rule 2: each counterpart is answered in its own form, plain or packed. The first request goes plain;
//         where nothing ever came back for it, the next one tries the other form.
// Rule 3: chat messages are not acknowledged. So a ping goes after some of them, bodies wait until
//         enough pings have been answered (talk/path.hpp), and who answers none is sent little at a
//         time.
// Rule 4: nobody can be slowed down: what is not read is held within bounds, and who exceeds them is
//         cut off.
// Rule 5: a request in a stanza that has come before, or was stored on the way, is not run.
// Rule 6: no callbacks, no clock, no randomness.
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
#include "talk/chat_stanza.hpp"
#include "talk/exchange.hpp"

namespace crosstalk::talk {

struct chat_settings {
    std::string from;                  ///< written as `from` of every stanza; "" for clients
    std::string id_prefix;             ///< unguessable, for stanza ids
    std::size_t max_stanza = 262'144;  ///< what we send at most, as servers write it
    transaction_settings transactions;
    std::vector<std::string> askers;     ///< domains whose JIDs may ask here
    base::milliseconds resumption{0};    ///< how long the session below can resume (XEP-0198); 0: never
    base::milliseconds silence{60'000};  ///< between two messages of a response
    std::size_t max_open = 4096;         ///< transactions that others may have open here
    std::size_t max_paths = 1024;        ///< counterparts that ask
    std::size_t most_unread = std::size_t{16} << 20;      ///< bytes of one body that wait to be read
    std::size_t most_unread_all = std::size_t{64} << 20;  ///< of all bodies together
};

class chat_exchange {
  public:
    using time_point = base::time_point;
    using settings_type = chat_settings;

    explicit chat_exchange(chat_settings settings);
    ~chat_exchange();

    // The owner's side, as of exchange.

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
    /// Silence tells nothing here: clients of 2008 may answer no pings. Presence alone counts.
    void heard(const std::string& /*jid*/, time_point /*now*/) noexcept {}
    [[nodiscard]] bool is_responsive(const std::string& /*jid*/) const noexcept { return true; }
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return tick_; }
    void expire(time_point now);

    [[nodiscard]] std::size_t open_count() const noexcept { return open_; }
    [[nodiscard]] std::size_t open_count(const std::string& jid) const noexcept;
    [[nodiscard]] const exchange_counters& counters() const noexcept { return counters_; }

  private:
    struct visit;  ///< a transaction, and how its bodies are read
    struct route;  ///< one counterpart

    route* find_route(std::string_view jid) const;
    route& route_to(const std::string& jid);
    [[nodiscard]] bool may_ask(std::string_view jid) const noexcept;
    void wake_by(time_point when);

    // What has come.
    struct arrival;
    bool receive_message(const xmpp::element& stanza, time_point now);
    void take(const arrival& a, message&& m);
    void take_broken(const arrival& a, std::string why);
    void take_request(const arrival& a, message&& m);
    void deliver(route& r, visit& v, message&& m, time_point now);
    [[nodiscard]] bool may_hold(const visit& v, std::size_t more) const;
    void announce(visit& v);
    bool receive_error(const xmpp::element& stanza);
    bool receive_pong(const xmpp::element& stanza, time_point now);
    void pass_marks(route& r, time_point now);

    // What is to go.
    void enqueue(route& r, transaction& t);
    void activate(route& r);
    bool append_mark(route& r, std::string& out, time_point now);
    bool append_turn(route& r, std::string& out, time_point now);
    bool append_piece(route& r, transaction& t, std::string& out, time_point now);
    [[nodiscard]] std::optional<message> take_output(transaction& t, chat_piece& how) const;
    void refuse(const arrival& a);
    [[nodiscard]] chat_head head_for(const route& r, const std::string& id,
                                     std::string_view thread) const;
    [[nodiscard]] std::string next_id();

    // Ends.
    void settle(route& r, transaction& t);
    void drop_if_done(transaction& t);
    void end_all(route& r, end_kind kind, const std::string& reason);
    void end_everything();
    void check_silence(route& r, time_point now);
    void forget_idle_routes();
    void shrink_stanzas();

    chat_settings settings_;
    stanza_limit limit_;
    chat_reader reader_;
    chat_writer writer_;
    std::unordered_map<std::string, std::unique_ptr<route>, name_hash, std::equal_to<>> routes_;
    std::deque<route*> active_;        ///< routes that may have something to send, in turn
    std::deque<std::string> notices_;  ///< whole stanzas
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
