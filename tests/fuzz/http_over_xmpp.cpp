// Any stanzas from a counterpart that speaks XEP-0332: nothing crashes, nothing grows without bound,
// and what is sent in return is well-formed.
//
// The first byte says which side is under test: bit 0 the peer, else a gateway with two open requests
// "a" and "b", the second with a body. The rest is the content of a stream, with bytes that XML forbids
// as what happens between the stanzas: 1 reads and lets stanzas out, 2 lets ten seconds pass, 3 writes
// an answer, 4 lets go of everything, 5 resumes the stream.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "talk/http_exchange.hpp"
#include "xmpp/characters.hpp"
#include "xmpp/stream_parser.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;

namespace {

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr const char* counterpart = "romeo@example.org/x";

void require(bool holds) {
    if (!holds) std::abort();
}

cgi::environ_map a_request() {
    return {{"REQUEST_METHOD", "PUT"},
            {"SCRIPT_NAME", "/r"},
            {"PATH_INFO", "/"},
            {"QUERY_STRING", ""},
            {"REQUEST_URI", "/r/"},
            {"NON_QUERY_URI", "/r/"},
            {"SERVER_PROTOCOL", "HTTP/1.1"},
            {"HTTP_HOST", "example.org"}};
}

class play {
  public:
    explicit play(bool is_peer) : core_(settings_of(is_peer)) {
        core_.online(false, now_);
        if (is_peer) return;
        held_.push_back(&core_.open(counterpart, "a", a_request(), false, now_));
        held_.push_back(&core_.open(counterpart, "b", a_request(), true, now_));
        held_.back()->write("a body");
        core_.touch(*held_.back());
        speak();
    }
    ~play() { let_go(); }

    void stanza(xmpp::element&& stanza) {
        stanza.set("from", counterpart);
        core_.receive(stanza, now_);
        look();
    }
    void act(char what) {
        if (what == 2) core_.expire(now_ += std::chrono::seconds(10));
        if (what == 3) answer();
        if (what == 4) let_go();
        if (what == 5) resume();
        read();
        speak();
    }

  private:
    static http_exchange_settings settings_of(bool is_peer) {
        http_exchange_settings s;
        s.id_prefix = "f-";
        s.accepts_requests = is_peer;
        s.transactions.buffer = 4096;
        s.max_open = 8;
        return s;
    }
    void look() {
        while (const auto event = core_.poll())
            if (event->opened) held_.push_back(event->subject);
        require(held_.size() <= 10);
    }
    void read() {
        for (transaction* t : held_) {
            require(t->readable() < 512 * 1024);
            static_cast<void>(t->take(1000));
            core_.touch(*t);
        }
    }
    void answer() {
        for (transaction* t : held_) {
            if (t->side() == role::answerer) t->respond({200, {{"X", "\xFF<"}}});
            t->write(std::string(t->room(), '\r'));
            core_.touch(*t);
        }
    }
    void let_go() {
        for (transaction* t : std::exchange(held_, {})) core_.release(*t);
    }
    void resume() {
        core_.offline(now_);
        core_.online(true, now_);
    }
    void speak() {
        for (int most = 200; most > 0; --most) {
            std::string out;
            if (!core_.next_stanza(out, now_)) break;
            require(xmpp::is_legal_text(out));
            xmpp::stream_parser parser;
            require(parser.feed(header).has_value() && parser.poll() && parser.feed(out).has_value());
            require(parser.poll().has_value());
        }
        look();
    }

    http_exchange core_;
    base::time_point now_{std::chrono::hours(1)};
    std::vector<transaction*> held_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    play one((bytes[0] & 1) != 0);
    xmpp::stream_parser parser;
    require(parser.feed(header).has_value() && parser.poll().has_value());
    std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    while (!rest.empty()) {
        const auto end = std::min(rest.find_first_of("\1\2\3\4\5"), rest.size());
        if (!parser.feed(rest.substr(0, end))) return 0;
        while (auto part = parser.poll())
            if (auto* stanza = std::get_if<xmpp::element>(&*part)) one.stanza(std::move(*stanza));
        if (end < rest.size()) one.act(rest[end]);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    one.act(1);
    return 0;
}
