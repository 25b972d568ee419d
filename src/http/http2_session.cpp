// See http2_session.hpp.
#include "http/http2_session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "http/http2_streams.hpp"

namespace crosstalk::http {
namespace {

constexpr std::int32_t frame_size = 16 * 1024;
constexpr std::size_t acknowledgements_most = 100;  ///< of SETTINGS and PING, not written yet
constexpr std::uint64_t resets_at_once = 1'000, resets_per_second = 33;
constexpr double updates_per_frame = 2;  ///< what a DATA frame may come back as
/// Bytes of a response's head, as HPACK has them at worst; what peers may send has its limits elsewhere.
constexpr std::size_t head_most = 16 * 1024 * 1024;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv pair_of(const field& f) {
    // nghttp2 copies both and writes to neither.
    return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(f.name.data())),
            reinterpret_cast<std::uint8_t*>(const_cast<char*>(f.value.data())), f.name.size(),
            f.value.size(), NGHTTP2_NV_FLAG_NONE};
}

bool moves_nothing(const nghttp2_frame_hd& frame) {
    if (frame.type == NGHTTP2_DATA)
        return frame.length == 0 && (frame.flags & NGHTTP2_FLAG_END_STREAM) == 0;
    // Acknowledgements are owed to us.
    const bool may_acknowledge = frame.type == NGHTTP2_SETTINGS || frame.type == NGHTTP2_PING;
    return !may_acknowledge || (frame.flags & NGHTTP2_FLAG_ACK) == 0;
}

bool is_padding_alone(const nghttp2_frame& frame) {
    if (frame.hd.type != NGHTTP2_DATA || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) return false;
    return frame.hd.length > 0 && frame.hd.length == frame.data.padlen;
}

}  // namespace

using stream = http2_stream_state;

struct http2_session::core {
    struct freeing {
        void operator()(nghttp2_session* s) const noexcept { nghttp2_session_del(s); }
        void operator()(nghttp2_session_callbacks* c) const noexcept { nghttp2_session_callbacks_del(c); }
        void operator()(nghttp2_option* o) const noexcept { nghttp2_option_del(o); }
    };

    core(http2_settings s, base::time_point now) : settings(s), streams(s.limits, now) { start(); }

    void start();
    void greet();
    void reset(stream_id id, http2_reason why);
    void refuse_streams();

    static core& of(void* self) { return *static_cast<core*>(self); }
    static ssize_t write(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int, void* self);
    static ssize_t offer_piece(nghttp2_session*, stream_id id, std::uint8_t*, std::size_t most,
                               std::uint32_t* flags, nghttp2_data_source*, void* self);
    static int write_piece(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head,
                           std::size_t size, nghttp2_data_source*, void* self);
    static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* self);
    static int begin_head(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int add_field(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                         std::uint8_t, void* self);
    static int end_frame(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int take_chunk(nghttp2_session*, std::uint8_t, stream_id id, const std::uint8_t* bytes,
                          std::size_t size, void* self);
    static int refuse_frame(nghttp2_session*, const nghttp2_frame* frame, int, void* self);
    static int close_stream(nghttp2_session*, stream_id id, std::uint32_t, void* self);
    static int note_sent(nghttp2_session*, const nghttp2_frame* frame, void* self);
    static int note_unsendable(nghttp2_session*, const nghttp2_frame* frame, int, void* self);

    http2_settings settings;
    std::unique_ptr<nghttp2_session, freeing> session;
    http2_streams streams;
    std::string* out = nullptr;  ///< while produce() runs
    std::size_t out_most = 0;
    bool is_broken = false;  ///< nghttp2 is of no use any more
    bool is_greeted = false;
    bool is_leaving = false;   ///< the client has been told
    bool is_refusing = false;  ///< and which streams are the last
};

void http2_session::core::start() {
    nghttp2_session_callbacks* raw_callbacks = nullptr;
    nghttp2_option* raw_option = nullptr;
    nghttp2_session* raw_session = nullptr;
    nghttp2_session_callbacks_new(&raw_callbacks);
    const std::unique_ptr<nghttp2_session_callbacks, freeing> callbacks(raw_callbacks);
    nghttp2_option_new(&raw_option);
    const std::unique_ptr<nghttp2_option, freeing> option(raw_option);
    nghttp2_session_callbacks_set_send_callback(raw_callbacks, &write);
    nghttp2_session_callbacks_set_send_data_callback(raw_callbacks, &write_piece);
    nghttp2_session_callbacks_set_on_begin_frame_callback(raw_callbacks, &begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(raw_callbacks, &begin_head);
    nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, &add_field);
    nghttp2_session_callbacks_set_on_frame_recv_callback(raw_callbacks, &end_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, &take_chunk);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(raw_callbacks, &refuse_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, &close_stream);
    nghttp2_session_callbacks_set_on_frame_send_callback(raw_callbacks, &note_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(raw_callbacks, &note_unsendable);
    nghttp2_option_set_no_auto_window_update(raw_option, 1);
    nghttp2_option_set_max_send_header_block_length(raw_option, head_most);
    nghttp2_option_set_max_outbound_ack(raw_option, acknowledgements_most);
    nghttp2_option_set_stream_reset_rate_limit(raw_option, resets_at_once, resets_per_second);
    nghttp2_session_server_new2(&raw_session, raw_callbacks, this, raw_option);
    session.reset(raw_session);
    if (!session) throw std::bad_alloc();
    greet();
}

void http2_session::core::greet() {
    const std::array<nghttp2_settings_entry, 5> entries{{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(settings.stream_window)},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(settings.limits.head)},
        {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    }};
    nghttp2_submit_settings(session.get(), NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    nghttp2_session_set_local_window_size(session.get(), NGHTTP2_FLAG_NONE, 0, settings.window);
}

// What comes in

int http2_session::core::begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* self) {
    core& c = of(self);
    if (frame->type != NGHTTP2_CONTINUATION) c.streams.head_since.reset();
    if (moves_nothing(*frame)) c.streams.spend(1);
    return 0;
}

int http2_session::core::begin_head(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    of(self).streams.begin_head(frame->hd.stream_id, frame->headers.cat == NGHTTP2_HCAT_REQUEST);
    return 0;
}

int http2_session::core::add_field(nghttp2_session*, const nghttp2_frame* frame,
                                   const std::uint8_t* name, std::size_t name_size,
                                   const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                                   void* self) {
    http2_streams& streams = of(self).streams;
    streams.add_field(frame->hd.stream_id, text_of(name, name_size), text_of(value, value_size));
    return streams.is_overspent ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
}

int http2_session::core::end_frame(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    core& c = of(self);
    const bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (frame->hd.type == NGHTTP2_SETTINGS) c.is_greeted = true;
    if (frame->hd.type == NGHTTP2_HEADERS && c.streams.end_head(frame->hd.stream_id)) {
        const nghttp2_extpri fair{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
        nghttp2_session_change_extpri_stream_priority(session, frame->hd.stream_id, &fair, 1);
    }
    if (carries && is_end) c.streams.end_input(frame->hd.stream_id);
    if (is_padding_alone(*frame)) c.streams.spend(1);
    const bool is_echo = frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    if (is_echo && c.is_leaving) c.refuse_streams();
    return 0;
}

void http2_session::core::refuse_streams() {
    if (std::exchange(is_refusing, true)) return;
    nghttp2_submit_goaway(session.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
}

int http2_session::core::refuse_frame(nghttp2_session*, const nghttp2_frame* frame, int, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS) of(self).streams.head_since.reset();
    return 0;
}

int http2_session::core::take_chunk(nghttp2_session* session, std::uint8_t, stream_id id,
                                    const std::uint8_t* bytes, std::size_t size, void* self) {
    const bool is_wanted = of(self).streams.add_input(id, text_of(bytes, size));
    if (!is_wanted) nghttp2_session_consume(session, id, size);
    return 0;
}

int http2_session::core::close_stream(nghttp2_session* session, stream_id id, std::uint32_t,
                                      void* self) {
    nghttp2_session_consume_connection(session, of(self).streams.close(id));
    return 0;
}

// What goes out

ssize_t http2_session::core::write(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int,
                                   void* self) {
    core& c = of(self);
    if (c.out == nullptr || c.out->size() >= c.out_most) return NGHTTP2_ERR_WOULDBLOCK;
    c.out->append(text_of(bytes, size));
    return static_cast<ssize_t>(size);
}

ssize_t http2_session::core::offer_piece(nghttp2_session*, stream_id id, std::uint8_t*, std::size_t most,
                                         std::uint32_t* flags, nghttp2_data_source*, void* self) {
    core& c = of(self);
    stream* const s = c.streams.find(id);
    if (s == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (s->out.empty() && !s->is_out_last) return NGHTTP2_ERR_DEFERRED;
    const std::size_t size = std::min(most, s->out.size());
    if (size > 0) *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (size == s->out.size() && s->is_out_last) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        s->is_out_over = true;
        if (size == 0) c.streams.note_sent(id, 0);
    }
    return static_cast<ssize_t>(size);
}

int http2_session::core::write_piece(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head,
                                     std::size_t size, nghttp2_data_source*, void* self) {
    constexpr std::size_t head_size = 9;
    core& c = of(self);
    const stream* const s = c.streams.find(frame->hd.stream_id);
    if (s == nullptr || s->out.size() < size) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (c.out == nullptr || c.out->size() >= c.out_most) return NGHTTP2_ERR_WOULDBLOCK;
    c.out->append(text_of(head, head_size));
    c.out->append(s->out.substr(0, size));
    c.streams.note_sent(frame->hd.stream_id, size);
    c.streams.budget.earn(updates_per_frame);
    return 0;
}

int http2_session::core::note_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type != NGHTTP2_HEADERS || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    http2_streams& streams = of(self).streams;
    if (stream* const s = streams.find(frame->hd.stream_id)) s->is_out_over = true;
    streams.note_sent(frame->hd.stream_id, 0);
    return 0;
}

int http2_session::core::note_unsendable(nghttp2_session*, const nghttp2_frame* frame, int, void* self) {
    if (frame->hd.type == NGHTTP2_HEADERS) of(self).reset(frame->hd.stream_id, http2_reason::internal);
    return 0;
}

void http2_session::core::reset(stream_id id, http2_reason why) {
    stream* const s = streams.find(id);
    if (s == nullptr) return;
    s->drop_output();
    if (s->is_closed || std::exchange(s->is_reset, true)) return;
    nghttp2_submit_rst_stream(session.get(), NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(why));
}

// The owner's side

http2_session::http2_session(http2_settings settings, base::time_point now)
    : core_(std::make_unique<core>(settings, now)) {}
http2_session::~http2_session() = default;

result<void> http2_session::receive(std::string_view bytes, base::time_point now) {
    core_->streams.now = now;
    const auto read = nghttp2_session_mem_recv(
        core_->session.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    core_->is_broken = read < 0;
    if (core_->is_broken) return make_error_code(errc::http2_broken);
    if (core_->streams.is_overspent) terminate(http2_reason::calm);
    return {};
}

void http2_session::produce(std::string& out, std::size_t most) {
    if (core_->is_broken) return;
    core_->out = &out;
    core_->out_most = most;
    // It fails where no memory is left, or after the end: then there is nothing to write.
    (void)nghttp2_session_send(core_->session.get());
    core_->out = nullptr;
}

std::optional<http2_session::event> http2_session::poll() {
    if (core_->streams.events.empty()) return std::nullopt;
    const event next = core_->streams.events.front();
    core_->streams.events.pop_front();
    return next;
}

bool http2_session::is_over() const {
    if (core_->is_broken) return true;
    // Requests that were on their way when the client was told are still to be read.
    if (core_->is_leaving && !core_->is_refusing) return false;
    const auto session = core_->session.get();
    return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0;
}

bool http2_session::is_flooded() const noexcept { return core_->streams.is_overspent; }
bool http2_session::is_greeted() const noexcept { return core_->is_greeted; }
std::optional<base::time_point> http2_session::head_since() const noexcept { return core_->streams.head_since; }

bool http2_session::is_full() const {
    return nghttp2_session_get_local_window_size(core_->session.get()) < frame_size;
}

void http2_session::shut_down() {
    if (std::exchange(core_->is_leaving, true)) return;
    const std::array<std::uint8_t, 8> mark{'l', 'e', 'a', 'v', 'i', 'n', 'g', '.'};
    nghttp2_submit_shutdown_notice(core_->session.get());
    nghttp2_submit_ping(core_->session.get(), NGHTTP2_FLAG_NONE, mark.data());
}

void http2_session::refuse_streams() {
    shut_down();
    core_->refuse_streams();
}

bool http2_session::is_refusing() const noexcept { return core_->is_refusing; }

void http2_session::terminate(http2_reason why) {
    core_->is_refusing = true;
    nghttp2_session_terminate_session(core_->session.get(), static_cast<std::uint32_t>(why));
}

result<http2_request> http2_session::take_request(stream_id id) { return core_->streams.at(id).head.finish(); }

bool http2_session::is_input_over(stream_id id) const {
    const stream& s = core_->streams.at(id);
    return s.is_in_over && s.in.empty();
}

std::string http2_session::take_input(stream_id id) { return std::exchange(core_->streams.at(id).in, {}); }

void http2_session::consume(stream_id id, std::size_t bytes) {
    stream& s = core_->streams.at(id);
    bytes = std::min(bytes, s.unconsumed);
    s.unconsumed -= bytes;
    if (bytes > 0) nghttp2_session_consume(core_->session.get(), id, bytes);
}

bool http2_session::is_head_request(stream_id id) const {
    return core_->streams.at(id).head.method() == "HEAD";
}

bool http2_session::is_closed(stream_id id) const { return core_->streams.at(id).is_closed; }

void http2_session::interim(stream_id id, unsigned status) {
    const field line{":status", std::to_string(status)};
    const nghttp2_nv pair = pair_of(line);
    nghttp2_submit_headers(core_->session.get(), NGHTTP2_FLAG_NONE, id, nullptr, &pair, 1, nullptr);
}

void http2_session::respond(stream_id id, const response_head& head, bool is_last) {
    const auto fields = http2_fields(head);
    std::vector<nghttp2_nv> pairs(fields.size());
    std::transform(fields.begin(), fields.end(), pairs.begin(), &pair_of);
    nghttp2_data_provider body{};
    body.read_callback = &core::offer_piece;
    core_->streams.at(id).is_out_last = is_last;
    const int refused = nghttp2_submit_response(core_->session.get(), id, pairs.data(), pairs.size(),
                                                is_last ? nullptr : &body);
    if (refused != 0) reset(id, http2_reason::internal);
    core_->streams.budget.earn(1);
}

void http2_session::send(stream_id id, std::string_view piece, bool is_last) {
    stream& s = core_->streams.at(id);
    s.out = piece;
    s.is_out_last = is_last;
    nghttp2_session_resume_data(core_->session.get(), id);
}

bool http2_session::is_sent(stream_id id) const {
    const stream& s = core_->streams.at(id);
    return s.out.empty() && !s.is_cut && (!s.is_out_last || s.is_out_over);
}

bool http2_session::is_held_back(stream_id id) const {
    return nghttp2_session_get_stream_remote_window_size(core_->session.get(), id) <= 0;
}

std::uint64_t http2_session::body_bytes_sent() const noexcept { return core_->streams.body_bytes_sent; }

void http2_session::reset(stream_id id, http2_reason why) {
    core_->reset(id, why);
}

void http2_session::forget(stream_id id) {
    const stream& s = core_->streams.at(id);
    consume(id, s.unconsumed);
    // RFC 9113, 8.1: whose response is whole need not send the rest of the request.
    if (!s.is_in_over || !s.is_out_over)
        reset(id, s.is_out_over ? http2_reason::none : http2_reason::internal);
    core_->streams.open.erase(id);
}

}  // namespace crosstalk::http
