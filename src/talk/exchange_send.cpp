// The sending side of the exchange: which stanza goes next, and what rides in it.
#include <algorithm>

#include "talk/encoder.hpp"
#include "talk/envelope.hpp"
#include "talk/route.hpp"

namespace crosstalk::talk {
namespace {

constexpr std::size_t most_in_result = 16 * 1024;
constexpr std::size_t most_messages = 256;
constexpr std::size_t most_owed = 8;  ///< results that are held for something to ride in them

}  // namespace

/// A stanza that is being filled with messages.
struct exchange::filling {
    std::string& out;
    std::size_t payload;  ///< where in it the element around the messages begins
    transaction::carrier by;
    bool with_payload;
    std::size_t left;   ///< what may still be added, at the servers' cost
    std::size_t aim;    ///< what it was at the beginning
    std::size_t whole;  ///< what a single message may cost that does not fit that
    std::size_t cost = 0;
    std::size_t begin = out.size();      ///< of the messages
    std::vector<std::size_t> ends = {};  ///< of each message, from there
    std::vector<share> shares = {};
    bool is_full = false;
};

bool exchange::next_stanza(std::string& out, time_point now) {
    if (!online_) return false;
    if (!refusals_.empty()) {
        out += refusals_.back();
        refusals_.pop_back();
        return true;
    }
    while (!active_.empty()) {
        route& r = *active_.front();
        active_.pop_front();
        const bool sent = append_ping(r, out, now) || append_result(r, out) || append_set(r, out, now);
        r.is_active = sent;
        if (!sent) continue;
        active_.push_back(&r);
        return true;
    }
    return false;
}

bool exchange::append_ping(route& r, std::string& out, time_point now) {
    if (!r.ping_due) return false;
    r.ping_due = false;
    std::string id = next_id();
    xmpp::element iq("iq", "");
    iq.set("type", "get").set("id", id).set("to", r.jid);
    if (!settings_.from.empty()) iq.set("from", settings_.from);
    iq.add(xmpp::element("ping", std::string(xmpp::ns::ping)));
    iq.write(out, "");
    r.way.pinged(std::move(id), now);
    return true;
}

// What is ready rides in the oldest result that is owed, whether that was held for it or for another
// answer: it spares a stanza.
bool exchange::append_result(route& r, std::string& out) {
    if (r.results.empty()) return false;
    const bool has_riders = std::any_of(r.ring.begin(), r.ring.end(), [](const transaction* t) {
        return t->has_output(transaction::carrier::result, true);
    });
    const auto is_held_back = [&](const owed_result& o) {
        return std::any_of(o.shares.begin(), o.shares.end(), [&](const share& s) {
            const transaction* t = r.find(s.mine, s.batch);
            return t != nullptr && t->is_overrun();
        });
    };
    const auto at = std::find_if(r.results.begin(), r.results.end(), [&](const owed_result& o) {
        return (o.waiting == 0 || o.is_due || has_riders || r.results.size() > most_owed) &&
               !is_held_back(o);
    });
    if (at == r.results.end()) {
        if (std::find(holding_.begin(), holding_.end(), &r) == holding_.end()) holding_.push_back(&r);
        return false;
    }
    const owed_result owed = std::move(*at);
    r.results.erase(at);
    if (r.results.empty()) std::erase(holding_, &r);

    const envelope_head head{"result", owed.id, r.jid, settings_.from, settings_.max_stanza};
    const std::size_t begin = out.size();
    const std::size_t payload = open_messages(out, head);
    const std::size_t most = std::min(most_in_result, r.way.max_stanza - envelope_cost);
    filling f{out, payload, transaction::carrier::result, true, most, most, most};
    fill(r, f);
    if (f.ends.empty()) {
        out.resize(begin);
        append_empty_result(out, head);
    } else {
        close(f, owed.is_packed);
    }
    for (const share& s : owed.shares)
        if (transaction* t = r.find(s.mine, s.batch)) t->answered();
    return true;
}

bool exchange::append_set(route& r, std::string& out, time_point now) {
    const bool with_payload = r.way.may_send(now);
    if (r.refusals.empty() && (r.ring.empty() || (!with_payload && !r.has_control))) return false;
    const std::size_t begin = out.size();
    std::string id = next_id();
    const std::size_t payload =
        open_messages(out, {"set", id, r.jid, settings_.from, settings_.max_stanza});
    const std::size_t whole = r.way.max_stanza - envelope_cost;
    const std::size_t most = std::min(whole, r.way.room(now));
    filling f{out, payload, transaction::carrier::set, with_payload, most, most, whole};
    fill(r, f);
    if (f.ends.empty()) {
        out.resize(begin);
        return false;
    }
    close(f, r.way.packs());
    r.way.sent({std::move(id), f.cost, now, std::move(f.shares)});
    return true;
}

// Packed where that is asked for and makes it smaller.
void exchange::close(filling& f, bool packed) {
    if (packed) {
        const auto small = packer_.pack(std::string_view(f.out).substr(f.begin), f.ends);
        if (small.size() < f.cost) return close_packed(f.out, f.payload, small);
    }
    close_messages(f.out);
}

// One turn for each transaction that has something to say; signals and windows of all before any body.
void exchange::fill(route& r, filling& f) {
    f.out += '[';
    while (!r.refusals.empty() && f.ends.size() < most_messages && f.left > 512) {
        if (!f.ends.empty()) f.out += ',';
        message m;
        m.batch = std::move(r.refusals.back().first);
        m.reason = std::move(r.refusals.back().second);
        m.signal = signal_kind::shutdown_microprocess;
        const std::size_t cost = append_message(f.out, m);
        f.left -= std::min(f.left, cost);
        f.cost += cost;
        f.ends.push_back(f.out.size() - f.begin);
        r.refusals.pop_back();
    }
    for (const bool payload : {false, true}) {
        if (payload ? !f.with_payload : !r.has_control) continue;
        for (std::size_t turns = r.ring.size(); turns > 0 && !f.is_full; --turns) {
            transaction& t = *r.ring.front();
            r.ring.pop_front();
            fill_one(r, t, f, payload);
        }
        if (!payload && !f.is_full) r.has_control = false;
    }
    f.out += ']';
}

void exchange::fill_one(route& r, transaction& t, filling& f, bool payload) {
    const std::size_t begin = f.out.size();
    if (!f.ends.empty()) f.out += ',';
    auto added = t.append_next(f.out, {f.left, f.aim, !r.ring.empty()}, f.by, payload);
    const bool may_stand_alone = f.ends.empty() && f.by == transaction::carrier::set;
    if (added.what == transaction::appending::does_not_fit && may_stand_alone) {
        added = t.append_next(f.out, f.whole, f.by, payload);
        if (added.what == transaction::appending::does_not_fit) {
            t.give_up_too_large();
            added = t.append_next(f.out, f.left, f.by, payload);
        }
    }
    if (added.what != transaction::appending::message) f.out.resize(begin);
    if (added.what == transaction::appending::message) {
        f.ends.push_back(f.out.size() - f.begin);
        f.cost += added.cost;
        f.left -= std::min(f.left, added.cost + 1);
        f.shares.push_back({t.side() == role::asker, t.batch(), added.body});
    }
    f.is_full = added.what == transaction::appending::does_not_fit || f.ends.size() == most_messages ||
                f.left < 256;
    t.is_queued_ = t.has_output(transaction::carrier::set, true);
    if (t.is_queued_) {
        if (added.what == transaction::appending::does_not_fit)
            r.ring.push_front(&t);
        else
            r.ring.push_back(&t);
    }
    events_.changed(t);
    drop_if_done(t);
}

}  // namespace crosstalk::talk
