// The receiving side of the exchange: whose stanza it is, and what its messages mean.
#include <algorithm>

#include "talk/envelope.hpp"
#include "talk/route.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds result_within = 15ms;
constexpr std::size_t most_refusals = 256;

std::string condition_of(const xmpp::element& stanza) {
    const xmpp::element* error = stanza.child("error", stanza.ns());
    if (error == nullptr) return "undefined-condition";
    for (const xmpp::element& c : error->children())
        if (c.ns() == xmpp::ns::stanzas && c.name() != "text") return c.name();
    return "undefined-condition";
}

}  // namespace

bool exchange::receive(const xmpp::element& stanza, time_point now) {
    const std::string_view from = stanza.attr("from");
    const std::string_view type = stanza.attr("type");
    route* r = find_route(from);
    const bool is_pong = r != nullptr && stanza.name() == "iq" &&
                         (type == "result" || type == "error") && r->way.is_ping(stanza.attr("id"));
    if (r != nullptr && type != "error") r->way.heard(0, now);
    if (stanza.name() != "iq") return false;
    if (type == "set") {
        if (stanza.child("crosstalk", xmpp::ns::crosstalk) == nullptr) return false;
        receive_set(stanza, now);
        return true;
    }
    if (type != "result" && type != "error") return false;
    if (is_pong) {
        // A server answers for a resource that is gone.
        if (type == "error" && condition_of(stanza) != "feature-not-implemented")
            end_all(*r, end_kind::offline, "it does not answer pings: " + condition_of(stanza));
        else
            r->way.ponged(now);
        return true;
    }
    if (!stanza.attr("id").starts_with(settings_.id_prefix)) return false;
    if (r == nullptr) {
        ++counters_.unasked_answer;
        return true;
    }
    receive_answer(*r, stanza, now);
    return true;
}

void exchange::receive_set(const xmpp::element& stanza, time_point now) {
    const std::string from(stanza.attr("from"));
    const auto payload = open_envelope(stanza);
    route* known = find_route(from);
    if (known == nullptr && !settings_.accepts_requests) {
        ++counters_.unknown_batch;
        return refuse_stanza(stanza, "item-not-found", "nothing was asked of this address");
    }
    if (known == nullptr && routes_.size() >= settings_.max_paths) {
        ++counters_.refused;
        return refuse_stanza(stanza, "resource-constraint",
                             "too many counterparts at once; try again later");
    }
    if (!payload->is_readable) {
        ++counters_.malformed;
        return refuse_stanza(stanza, "not-acceptable",
                             "the payload is packed in a way that was not announced");
    }
    auto messages = read(*payload);
    if (!messages) {
        ++counters_.malformed;
        return refuse_stanza(stanza, "bad-request", messages.error().message());
    }
    route& r = known != nullptr ? *known : route_to(from);
    r.way.heard(payload->json.size() + payload->packed.size(), now);
    note_sender(r, *payload);
    r.results.push_back(
        {++serial_, std::string(stanza.attr("id")), now + result_within, !payload->packed.empty()});
    arrival a{now, &r.results.back(), stanza.child("delay", xmpp::ns::delay) != nullptr};
    take_messages(r, *std::move(messages), a);
    activate(r);
}

void exchange::receive_answer(route& r, const xmpp::element& stanza, time_point now) {
    const bool is_error = stanza.attr("type") == "error";
    auto sent = r.way.answered(stanza.attr("id"), !r.ring.empty(), now);
    if (!sent) {
        ++counters_.unasked_answer;
        return;
    }
    activate(r);
    const auto payload = is_error ? std::nullopt : open_envelope(stanza);
    result<std::vector<decoded>> messages = std::vector<decoded>{};
    if (payload && !(payload->json.empty() && payload->packed.empty())) messages = read(*payload);
    for (const share& s : sent->shares) {
        transaction* t = r.find(s.mine, s.batch);
        if (t == nullptr) continue;
        if (is_error)
            t->bounce(condition_of(stanza));
        else
            t->acknowledge(s.body, now);
        if (!messages) t->violate("protocol", messages.error().message());
        if (t->has_output(transaction::carrier::set, true)) enqueue(r, *t);
        events_.changed(*t);
        drop_if_done(*t);
    }
    if (!messages) ++counters_.malformed;
    if (!payload || !messages) return;
    r.way.heard(payload->json.size() + payload->packed.size(), now);
    note_sender(r, *payload);
    take_messages(r, *std::move(messages), {now, nullptr, false});
}

result<std::vector<decoded>> exchange::read(const payload& p) {
    if (p.packed.empty()) return decoder_.decode(p.json);
    const auto json = unpacker_.unpack(p.packed);
    if (!json) return json.error();
    return decoder_.decode(*json);
}

void exchange::note_sender(route& r, const payload& p) {
    if (p.accepts_packed) r.way.allow_packing();
    if (p.max_stanza != 0)
        r.way.max_stanza = std::clamp(p.max_stanza, stanza_limit::least, limit_.bytes());
}

// Requests in a delayed stanza are not run: their askers have long given up.
void exchange::take_messages(route& r, std::vector<decoded>&& messages, const arrival& a) {
    for (decoded& d : messages) {
        if (auto* broken = std::get_if<broken_message>(&d)) {
            ++counters_.broken_message;
            if (transaction* t = r.find(broken->batch)) {
                t->violate("protocol", broken->why);
                enqueue(r, *t);
                settle_held_result(*t);
                events_.changed(*t);
                drop_if_done(*t);
            } else if (!broken->batch.empty()) {
                refuse(r, broken->batch, "protocol");
            }
            continue;
        }
        message& m = std::get<message>(d);
        if (!m.request)
            take_message(r, std::move(m), a);
        else if (a.is_delayed)
            ++counters_.repeated_request;
        else
            take_request(r, std::move(m), a);
    }
}

void exchange::take_message(route& r, message&& m, const arrival& a) {
    transaction* t = r.find(m.batch);
    if (t == nullptr) {
        ++counters_.unknown_batch;
        if (m.signal != signal_kind::shutdown_microprocess) refuse(r, m.batch, "unknown");
        return;
    }
    if (m.data && a.owed != nullptr)
        a.owed->shares.push_back({t->side() == role::asker, t->batch(), 0});
    t->receive(std::move(m), a.now);
    settle_held_result(*t);
    if (t->has_output(transaction::carrier::set, true)) enqueue(r, *t);
    events_.changed(*t);
    drop_if_done(*t);
}

void exchange::take_request(route& r, message&& m, const arrival& a) {
    if (transaction* mine = r.find(true, m.batch)) {
        mine->violate("protocol", "the counterpart opened the same batch");
        enqueue(r, *mine);
        events_.changed(*mine);
        drop_if_done(*mine);
        return refuse(r, m.batch, "protocol");
    }
    if (r.used.knows(m.batch)) {
        ++counters_.repeated_request;
        return;
    }
    if (!settings_.accepts_requests || !m.require.empty() || incoming_ >= settings_.max_open) {
        ++counters_.refused;
        return refuse(r, m.batch, incoming_ >= settings_.max_open ? "busy" : "unsupported");
    }
    r.used.remember(m.batch, a.now);
    std::string batch = m.batch;
    auto owned =
        std::make_unique<transaction>(role::answerer, r.jid, batch, settings_.transactions, a.now);
    transaction& t = *owned;
    r.way.request_came(a.now);
    r.theirs.emplace(std::move(batch), std::move(owned));
    ++open_;
    ++incoming_;
    if (a.owed != nullptr) {
        if (m.data) a.owed->shares.push_back({false, t.batch(), 0});
        t.held_result_ = a.owed->serial;
        ++a.owed->waiting;
    }
    t.receive(std::move(m), a.now);
    wake_by(a.now + tick_busy);
    if (t.is_over()) {
        t.is_released_ = true;  // broken by its own first message: told so, and offered to nobody
    } else {
        events_.opened(t);
    }
    settle_held_result(t);
    if (t.has_output(transaction::carrier::set, true)) enqueue(r, t);
    drop_if_done(t);
}

void exchange::refuse(route& r, const std::string& batch, std::string_view reason) {
    if (r.refusals.size() >= most_refusals) return;
    const auto is_same = [&](const auto& entry) { return entry.first == batch; };
    if (std::any_of(r.refusals.begin(), r.refusals.end(), is_same)) return;
    r.refusals.emplace_back(batch, reason);
    activate(r);
}

void exchange::refuse_stanza(const xmpp::element& stanza, std::string_view condition,
                             std::string_view text) {
    if (refusals_.size() >= most_refusals) return;
    xmpp::element iq("iq", "");
    iq.set("type", "error")
        .set("id", std::string(stanza.attr("id")))
        .set("to", std::string(stanza.attr("from")));
    if (!settings_.from.empty()) iq.set("from", settings_.from);
    xmpp::element& error = iq.add(xmpp::element("error", ""));
    error.set("type", condition == "resource-constraint" ? "wait" : "modify");
    error.add(xmpp::element(std::string(condition), std::string(xmpp::ns::stanzas)));
    error.add(xmpp::element("text", std::string(xmpp::ns::stanzas))).set_text(std::string(text));
    refusals_.push_back(iq.to_xml());
}

}  // namespace crosstalk::talk
