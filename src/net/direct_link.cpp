// See direct_link.hpp.
#include "net/direct_link.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cstring>

#include "base/ids.hpp"
#include "net/sticky_bell.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t first_capacity = 128 * 1024;
/// What a write gathers: as much as goes out in a moment.
constexpr std::size_t least_gathered = 16 * 1024, most_gathered = 256 * 1024;
constexpr base::milliseconds quick_write{50}, slow_write{250};
constexpr base::milliseconds write_patience{6'000};
constexpr base::milliseconds farewell{2'000};  ///< for the close to be written and answered
constexpr base::milliseconds look_every{500};
constexpr unsigned looks_per_expiry = 20;
/// Bytes in the system's hands that are not under way: what small answers may have to wait behind.
constexpr std::size_t most_unsent = 128 * 1024;

}  // namespace

struct direct_link::state final : carriage, std::enable_shared_from_this<state> {
    state(executor e, byte_stream s, std::string received, direct_link_settings given)
        : ex(std::move(e)),
          stream(std::move(s)),
          settings(std::move(given)),
          core(settings.exchange),
          reader(settings.role, talk::direct_exchange::most_message),
          work(ex),
          tick(ex) {
        capacity = std::max(first_capacity, received.size() + read_size);
        buffer = std::make_unique_for_overwrite<char[]>(capacity + talk::decoder::padding);
        end = received.copy(buffer.get(), received.size());
        stream.limit_unsent(most_unsent);
    }

    const executor& get_executor() const noexcept override { return ex; }
    void attach(talk::transaction& t, void* waiters) override { core.attach(t, waiters); }
    void touch(talk::transaction& t) override {
        core.touch(t);
        work.ring();
    }
    void release(talk::transaction& t) override {
        core.release(t);
        work.ring();
    }

    awaitable<void> read();
    void make_space(std::size_t wanted);
    std::size_t take_frames();
    bool take(const http::websocket_step& step);
    void take_message(const http::websocket_step& step);
    void take_close(const http::websocket_step& step);
    awaitable<void> write();
    awaitable<bool> write_gathered();
    void note_write(base::clock::duration took);
    void gather();
    awaitable<void> watch();
    void look(base::time_point now);
    void ping(base::time_point now);
    void begin_end(std::uint16_t code, talk::end_kind kind, const std::string& why);
    std::optional<http::websocket_mask> mask();
    void hand_out();

    executor ex;
    byte_stream stream;
    direct_link_settings settings;
    talk::direct_exchange core;
    std::function<void(call)>* on_request = nullptr;
    traffic carried;

    // What has come: [begin, end) of the buffer.
    http::websocket_reader reader;
    std::unique_ptr<char[]> buffer;
    std::size_t capacity = 0, begin = 0, end = 0;
    base::time_point heard = base::clock::now();

    // What goes.
    sticky_bell work;
    std::string out, writing;
    std::size_t gathered_at_most = 4 * least_gathered;

    asio::steady_timer tick;
    std::optional<base::time_point> pinged;
    bool is_ending = false;  ///< a close has been put into `out`
    bool is_read_over = false;
    bool has_heard_close = false;
    std::string ending;
};

std::optional<http::websocket_mask> direct_link::state::mask() {
    if (settings.role == http::websocket_role::server) return std::nullopt;
    http::websocket_mask drawn{};
    base::fill_random(drawn);
    return drawn;
}

void direct_link::state::hand_out() {
    static const std::function<void(call)> nobody;
    hand_out_events(core, shared_from_this(), on_request != nullptr ? *on_request : nobody);
}

// Reading

awaitable<void> direct_link::state::read() {
    for (std::size_t wanted = take_frames(); !has_heard_close;) {
        make_space(wanted);
        const auto space = asio::buffer(buffer.get() + end, std::min(read_size, capacity - end));
        const auto got = co_await stream.read_some(space);
        if (!got) {
            begin_end(http::closed_going_away, talk::end_kind::offline, got.error().message());
            break;
        }
        heard = base::clock::now();
        pinged.reset();
        carried.received += *got;
        end += *got;
        if (is_ending && is_read_over) begin = end = 0;
        wanted = take_frames();
    }
    is_read_over = true;
    work.ring();
}

/// Room for a frame of `wanted` bytes, and for a whole read as a rule.
void direct_link::state::make_space(std::size_t wanted) {
    if (begin == end) begin = end = 0;
    const std::size_t needed = std::max(wanted, end - begin + read_size / 4);
    if (capacity - begin >= needed && capacity - end >= read_size / 4) return;
    if (needed > capacity) {
        capacity = std::max(needed, 2 * capacity);
        auto larger = std::make_unique_for_overwrite<char[]>(capacity + talk::decoder::padding);
        std::memcpy(larger.get(), buffer.get() + begin, end - begin);
        buffer = std::move(larger);
    } else {
        std::memmove(buffer.get(), buffer.get() + begin, end - begin);
    }
    end -= std::exchange(begin, 0);
}

/// Deals with every frame that is whole; how many bytes the next one needs.
std::size_t direct_link::state::take_frames() {
    std::size_t wanted = 0;
    while (!is_read_over && !has_heard_close) {
        const auto step = reader.advance({buffer.get() + begin, end - begin});
        if (!step) {
            begin_end(http::websocket_close_code(step.error()), talk::end_kind::offline,
                      step.error().message());
            is_read_over = true;
            break;
        }
        wanted = step->wanted;
        const bool goes_on = take(*step);
        begin += step->consumed;
        if (!goes_on) break;
    }
    hand_out();
    if (core.has_output()) work.ring();
    return wanted;
}

/// Whether there may be more.
bool direct_link::state::take(const http::websocket_step& step) {
    using kind = http::websocket_step::kind;
    switch (step.what) {
        case kind::need_more:
            return false;
        case kind::message:
            take_message(step);
            return true;
        case kind::ping:
            // Pongs are for those who wait for them; a flood of pings gets no flood of pongs.
            if (out.size() < least_gathered && !is_ending)
                append_websocket_frame(out, http::websocket_opcode::pong, step.payload, mask());
            work.ring();
            return true;
        case kind::pong:
            return true;
        case kind::close:
            take_close(step);
            return false;
    }
    return false;
}

void direct_link::state::take_close(const http::websocket_step& step) {
    has_heard_close = true;
    std::uint16_t code = step.code;
    if (code == http::closed_without_code) code = http::closed_normally;
    const auto why = "the other side closed it: " + std::to_string(code) + ' ';
    begin_end(code, talk::end_kind::offline, why + std::string(step.payload));
}

void direct_link::state::take_message(const http::websocket_step& step) {
    if (is_ending) return;
    if (step.is_text)
        return begin_end(http::closed_unsupported, talk::end_kind::offline, "a text message came");
    // A message in fragments stands in the reader, not in the buffer with its padding.
    const bool is_in_buffer =
        step.payload.data() >= buffer.get() && step.payload.data() < buffer.get() + capacity;
    const auto behind = is_in_buffer ? talk::decoder::padding : 0;
    const auto taken = core.receive(step.payload, heard, behind);
    if (!taken)
        begin_end(http::closed_bad_content, talk::end_kind::offline,
                  "a message that breaks the protocol came: " + taken.error().message());
}

// Writing

void direct_link::state::gather() {
    const auto now = base::clock::now();
    while (!is_ending && out.size() < gathered_at_most && core.has_output()) {
        http::websocket_frame frame(out, http::websocket_opcode::binary, mask());
        if (core.next_message(out, now)) {
            frame.finish();
        } else {
            frame.discard();
        }
    }
}

awaitable<void> direct_link::state::write() {
    for (;;) {
        hand_out();
        gather();
        hand_out();
        if (out.empty()) {
            if (is_ending && (has_heard_close || is_read_over)) break;
            (void)co_await work.wait(base::time_point::max());
            continue;
        }
        const bool is_written = co_await write_gathered();
        if (!is_written) break;
    }
    stream.close();
}

awaitable<bool> direct_link::state::write_gathered() {
    writing.clear();
    writing.swap(out);
    const auto began = base::clock::now();
    stream.write_deadline(began + (is_ending ? farewell : write_patience));
    const auto written = co_await stream.write(writing);
    if (!written) {
        begin_end(http::closed_going_away, talk::end_kind::offline, written.error().message());
        co_return false;
    }
    carried.sent += writing.size();
    note_write(base::clock::now() - began);
    co_return true;
}

/// A write that had to wait for room and got it is a sign of life: pongs queue behind bulk.
void direct_link::state::note_write(base::clock::duration took) {
    if (took > slow_write) gathered_at_most = std::max(least_gathered, gathered_at_most / 2);
    if (took < quick_write) {
        gathered_at_most = std::min(most_gathered, gathered_at_most * 2);
        return;
    }
    heard = base::clock::now();
    pinged.reset();
}

// Liveness

awaitable<void> direct_link::state::watch() {
    for (unsigned looks = 0; !is_ending; ++looks) {
        tick.expires_after(look_every);
        (void)co_await tick.async_wait(as_values);
        const auto now = base::clock::now();
        if (!is_ending) look(now);
        if (looks % looks_per_expiry == 0) core.expire(now);
        hand_out();
        if (core.has_output()) work.ring();
    }
}

void direct_link::state::look(base::time_point now) {
    if (pinged) {
        if (now - *pinged >= settings.pong)
            begin_end(http::closed_going_away, talk::end_kind::offline, "it does not answer pings");
        return;
    }
    const auto patience = core.open_count() > 0 ? settings.silence_busy : settings.silence_idle;
    if (now - heard >= patience) ping(now);
}

void direct_link::state::ping(base::time_point now) {
    pinged = now;
    append_websocket_frame(out, http::websocket_opcode::ping, {}, mask());
    work.ring();
}

// The end

void direct_link::state::begin_end(std::uint16_t code, talk::end_kind kind, const std::string& why) {
    if (std::exchange(is_ending, true)) return;
    ending = why;
    core.end(kind, "the direct stream ended: " + why);
    http::append_websocket_close(out, code, why, mask());
    const auto limit = base::clock::now() + farewell;
    stream.read_deadline(limit);
    stream.write_deadline(limit);
    tick.cancel();
    work.ring();
}

direct_link::direct_link(executor ex, byte_stream stream, std::string received,
                         direct_link_settings settings)
    : state_(std::make_shared<state>(std::move(ex), std::move(stream), std::move(received),
                                     std::move(settings))) {
    state_->on_request = &on_request;
}

direct_link::~direct_link() { state_->on_request = nullptr; }

awaitable<std::string> direct_link::run() {
    const auto s = state_;
    task_group children(s->ex);
    children.spawn(s->write());
    children.spawn(s->watch());
    co_await s->read();
    co_await children.join();
    s->hand_out();
    s->stream.close();
    co_return s->ending;
}

void direct_link::close(std::uint16_t code, talk::end_kind kind, const std::string& why) {
    state_->begin_end(code, kind, why);
}

call direct_link::open(cgi::environ_map request, bool body_follows) {
    talk::transaction& t =
        state_->core.open(base::random_id(), std::move(request), body_follows, base::clock::now());
    ++state_->carried.transactions;
    state_->work.ring();
    return call(state_, &t);
}

bool direct_link::is_open() const noexcept { return !state_->is_ending; }
std::size_t direct_link::open_count() const noexcept { return state_->core.open_count(); }
direct_link::traffic direct_link::carried() const noexcept { return state_->carried; }

}  // namespace crosstalk::net
