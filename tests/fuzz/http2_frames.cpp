// Fuzzes a session of HTTP/2 with frames of any kind, while an owner answers, reads, resets and forgets.
//
// The first byte chooses the size of the pieces, the second what the owner does; the rest follows the
// client's preface. Promises: events of known streams alone, no more held than the windows allow, little
// to write for little that came, and silence after the end.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "http/http2_session.hpp"
#include "http/syntax.hpp"

namespace {

using namespace crosstalk;
using namespace crosstalk::http;
using kind = http2_session::event::kind;

void require(bool promise) {
    if (!promise) std::abort();
}

constexpr http2_settings small{{200, 500, 8}, 4, 1000, 3000};
constexpr std::size_t frame_most = 16 * 1024;
const std::string piece(2000, 'x');

class owner {
  public:
    owner(http2_session& session, unsigned manner) : session_(session), manner_(manner) {}

    void look() {
        while (const auto event = session_.poll()) {
            if (event->what == kind::request) {
                require(open_.insert(event->stream).second);
                answer(event->stream);
                continue;
            }
            if (!open_.contains(event->stream)) continue;
            if (event->what == kind::input) read(event->stream);
            if (event->what == kind::sent || event->what == kind::closed) end(event->stream);
        }
    }

  private:
    /// Another part of the manner each time.
    bool now_and_then() {
        turn_ = turn_ * 5 + manner_ + 1;
        return (turn_ & 4) != 0;
    }
    void answer(std::int32_t id) {
        const auto request = session_.take_request(id);
        if (request) require(is_token(request->head.method) && is_visible(request->head.target));
        if (!request || now_and_then()) return end(id);
        if (now_and_then()) session_.interim(id, 100);
        response_head head;
        head.headers.add("X", "y");
        const bool is_bodyless = now_and_then();
        session_.respond(id, head, is_bodyless);
        if (is_bodyless) return end(id);
        session_.send(id, piece, now_and_then());
    }
    void read(std::int32_t id) {
        const auto got = session_.take_input(id);
        require(got.size() <= 1000 + frame_most);
        if (now_and_then()) session_.consume(id, got.size());
        if (now_and_then()) session_.reset(id, http2_reason::cancelled);
    }
    void end(std::int32_t id) {
        if (session_.is_closed(id) || now_and_then()) {
            session_.forget(id);
            open_.erase(id);
        }
    }

    http2_session& session_;
    unsigned manner_, turn_ = 0;
    std::set<std::int32_t> open_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t step = bytes[0] == 0 ? size : bytes[0];
    http2_session session(small, {});
    owner self(session, bytes[1]);
    std::string stream(http2_session::preface);
    stream.append(reinterpret_cast<const char*>(bytes) + 2, size - 2);
    for (std::string_view rest = stream; !rest.empty() && !session.is_over();) {
        const auto part = rest.substr(0, step);
        rest.remove_prefix(part.size());
        const auto read = session.receive(part, {});
        self.look();
        std::string out;
        session.produce(out, 4096);
        self.look();
        require(out.size() <= 4096 + 2 * frame_most);
        if (!read) require(session.is_over());
        if ((bytes[1] & 64) != 0) session.shut_down();
    }
    if (!session.is_over()) session.terminate(http2_reason::none);
    std::string last, silence;
    for (int i = 0; i < 100 && !session.is_over(); ++i) session.produce(last, last.size() + 65536);
    self.look();
    session.produce(silence, 4096);
    require(session.is_over() && silence.empty());
    return 0;
}
