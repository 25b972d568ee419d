// Bodies that follow their heads: chunks in messages (XEP-0332, 4.2.4) and bytestreams (XEP-0047).
#include "talk/decoder.hpp"
#include "talk/http_route.hpp"

namespace crosstalk::talk {
namespace {

using form = http_body::form;

constexpr std::size_t most_block = 65'535;
constexpr std::size_t most_owed = 256;

const xmpp::element* http_child(const xmpp::element& stanza) {
    for (const auto& child : stanza.children())
        if (child.ns() == xmpp::ns::http) return &child;
    return nullptr;
}

}  // namespace

bool http_exchange::receive_message(const xmpp::element& stanza, time_point now) {
    const auto* const payload = http_child(stanza);
    if (payload == nullptr) return receive_bytestream(stanza, now);
    route* const r = find_route(stanza.attr("from"));
    if (r == nullptr) {
        ++counters_.unknown_batch;
    } else if (stanza.attr("type") == "error") {
        take_bounce(*r, stanza);
    } else if (payload->name() == "chunk") {
        take_chunk(*r, *payload, now);
    } else if (payload->name() == "close" || payload->name() == "cancel") {
        take_cancel(*r, payload->attr("streamId"));
    }
    return true;
}

// Chunks

void http_exchange::take_chunk(route& r, const xmpp::element& chunk, time_point now) {
    visit* const v = r.find_stream(form::chunks, chunk.attr("streamId"));
    if (v == nullptr) {
        ++counters_.unknown_batch;
        return;
    }
    r.way.heard(chunk.text().size(), now);
    v->in.last_came = now;
    chunk_order& order = v->in.order;
    auto read = read_http_chunk(chunk);
    auto verdict = chunk_order::verdict::taken;
    if (read) verdict = order.add(read->number, read->is_last, std::move(read->bytes));
    if (!read)
        v->t.violate("protocol", read.error().message());
    else if (verdict == chunk_order::verdict::inconsistent)
        v->t.violate("protocol", "chunks that do not agree where the body ends");
    else if (verdict == chunk_order::verdict::too_far)
        v->t.violate("protocol", "too many chunks wait for one that is missing");
    while (auto bytes = v->t.is_over() ? std::nullopt : order.next())
        deliver(*v, {}, *bytes, order.is_complete(), now);
    if (!order.has_gap())
        v->in.gap_since.reset();
    else if (!v->in.gap_since)
        v->in.gap_since = now;
    if (v->in.is_complete) r.forget_stream(*v);
    settle(*v);
    events_.changed(v->t);
    drop_if_done(*v);
}

/// Whoever receives a stream wants no more of it, or whoever sends it gives up.
void http_exchange::take_cancel(route& r, std::string_view stream) {
    visit* found = r.find_stream(form::chunks, stream);
    if (found != nullptr) {
        found->in.is_complete = true;
        r.forget_stream(*found);
        found->t.end(end_kind::shut_down, "cancelled");
    } else {
        for (visit* v : r.everybody())
            if (v->out_stream == stream && !stream.empty() && !v->t.is_over()) found = v;
        if (found == nullptr) return;
        found->discards = true;
        if (found->t.side() == role::answerer) found->t.end(end_kind::shut_down, "client-gone");
    }
    settle(*found);
    events_.changed(found->t);
    drop_if_done(*found);
}

/// A server returned a piece of a body: the rest would not arrive either.
void http_exchange::take_bounce(route& r, const xmpp::element& stanza) {
    const auto* const payload = http_child(stanza);
    const auto error = xmpp::read_error(stanza);
    const std::string_view stream = payload->attr("streamId");
    for (visit* v : r.everybody()) {
        if (payload->name() != "chunk" || stream.empty() || v->out_stream != stream || v->t.is_over())
            continue;
        v->discards = true;
        v->t.end(end_kind::bounced,
                 std::string(to_string(error ? error->what : xmpp::condition::undefined_condition)));
        settle(*v);
        events_.changed(v->t);
        drop_if_done(*v);
        return;
    }
}

// Bytestreams

bool http_exchange::receive_bytestream(const xmpp::element& stanza, time_point now) {
    const xmpp::element* payload = nullptr;
    for (const char* const name : {"open", "data", "close"})
        if (payload == nullptr) payload = stanza.child(name, xmpp::ns::ibb);
    route* const r = find_route(stanza.attr("from"));
    if (payload == nullptr || r == nullptr || stanza.attr("type") == "error") return false;
    const bool is_iq = xmpp::is_iq(stanza);
    visit* const v = r->find_stream(form::bytestream, payload->attr("sid"));
    const bool is_open = payload->name() == "open";
    if (v == nullptr || v->in.is_open == is_open || (!is_iq && payload->name() != "data")) {
        ++counters_.unknown_batch;
        if (is_iq)
            refuse(stanza, is_open ? xmpp::condition::not_acceptable : xmpp::condition::item_not_found);
        return true;
    }
    v->in.last_came = now;
    if (is_open) {
        open_bytestream(*v, stanza, *payload);
        return true;
    }
    if (payload->name() == "data") {
        take_block(*r, *v, stanza, *payload, now);
    } else {
        answer_owed(*v);
        answer(stanza.attr("id"), r->jid);
        deliver(*v, {}, {}, true, now);
        r->forget_stream(*v);
    }
    settle(*v);
    events_.changed(v->t);
    drop_if_done(*v);
    return true;
}

void http_exchange::open_bytestream(visit& v, const xmpp::element& stanza, const xmpp::element& open) {
    std::size_t size = 0;
    for (const char c : open.attr("block-size"))
        size = c >= '0' && c <= '9' && size <= most_block
                   ? size * 10 + static_cast<std::size_t>(c - '0')
                   : most_block + 1;
    if (size == 0) return refuse(stanza, xmpp::condition::bad_request, "no block-size");
    if (size > most_block) return refuse(stanza, xmpp::condition::resource_constraint);
    v.in.is_open = true;
    v.in.block_size = size;
    answer(stanza.attr("id"), v.t.remote());
}

/// A block that breaks XEP-0047 ends its stream; so does one too many.
void http_exchange::take_block(route& r, visit& v, const xmpp::element& stanza,
                               const xmpp::element& data, time_point now) {
    const auto read = read_stream_block(data);
    r.way.heard(data.text().size(), now);
    const bool is_next = read && read->sequence == v.in.sequence;
    const bool fits = read && read->bytes.size() <= v.in.block_size && v.in.owed.size() < most_owed;
    if (is_next && fits) {
        ++v.in.sequence;
        deliver(v, {}, read->bytes, false, now);
        if (xmpp::is_iq(stanza)) v.in.owed.emplace_back(stanza.attr("id"));
        answer_owed(v);
        return;
    }
    if (xmpp::is_iq(stanza))
        refuse(stanza,
               read && !is_next ? xmpp::condition::unexpected_request : xmpp::condition::bad_request);
    v.t.violate("protocol", !read ? read.error().message() : "a bytestream that breaks XEP-0047");
}

/// Who sends by iq waits for its answer: it comes once the body has been read so far.
void http_exchange::answer_owed(visit& v) {
    if (v.in.owed.empty() || (!v.t.is_over() && v.t.readable() >= settings_.transactions.buffer))
        return;
    for (const auto& id : std::exchange(v.in.owed, {})) answer(id, v.t.remote());
}

}  // namespace crosstalk::talk
