// Any texts as bodies of chat messages, to one who has asked and to one who answers: nothing crashes,
// what is over stays over, and what is written of any bytes is read again as those bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "talk/chat_body.hpp"
#include "talk/chat_exchange.hpp"
#include "talk/utf8.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;

namespace {

const base::time_point start{};
constexpr std::string_view peer = "romeo@montague.example/x";
constexpr std::string_view gateway = "http.montague.example";

xmpp::element chat(std::string_view from, std::string_view body, std::size_t number) {
    xmpp::element stanza("message", std::string(xmpp::ns::client));
    stanza.set("type", "chat").set("from", std::string(from)).set("id", std::to_string(number));
    stanza.add(xmpp::element("thread", std::string(xmpp::ns::client))).set_text("one");
    stanza.add(xmpp::element("body", std::string(xmpp::ns::client))).set_text(std::string(body));
    return stanza;
}

/// The bodies stand one behind the other, a NUL between them.
void converse(chat_exchange& core, std::string_view from, std::string_view bodies) {
    std::string out;
    for (std::size_t number = 0; !bodies.empty() && number < 64; ++number) {
        const auto end = std::min(bodies.find('\0'), bodies.size());
        core.receive(chat(from, bodies.substr(0, end), number), start);
        bodies.remove_prefix(std::min(end + 1, bodies.size()));
        while (const auto e = core.poll()) {
            transaction& t = *e->subject;
            (void)t.take();
            if (!e->opened) continue;
            t.respond({200, {}});
            t.write("answer");
            t.finish();
            core.release(t);
        }
        while (core.next_stanza(out, start)) out.clear();
    }
    core.unavailable(std::string(from));
}

void ask(std::string_view bodies) {
    chat_settings settings;
    settings.id_prefix = "g-";
    chat_exchange core(settings);
    core.online(false, start);
    transaction& t = core.open(std::string(peer), "one", {{"REQUEST_METHOD", "GET"}}, false, start);
    converse(core, peer, bodies);
    if (!t.is_over()) std::abort();
    core.release(t);
    if (core.open_count() != 0) std::abort();
}

void answer(std::string_view bodies) {
    chat_settings settings;
    settings.id_prefix = "p-";
    settings.askers = {std::string(gateway)};
    chat_exchange core(settings);
    core.online(false, start);
    converse(core, gateway, bodies);
    if (core.open_count() != 0) std::abort();
}

void write_and_read(std::string_view body) {
    std::string read;
    while (read.size() < body.size()) {
        const auto rest = body.substr(read.size());
        const auto piece = cut_chat_piece(rest, 7, true);
        if (piece.bytes == 0 || piece.bytes > 7) std::abort();
        // The simplest reader: text has a character above U+00FF, or is ASCII.
        const auto taken = rest.substr(0, piece.bytes);
        const auto as_bytes = piece.is_text ? bytes_of_characters(taken) : std::string(taken);
        read += as_bytes.value_or(std::string(taken));
    }
    if (read != body) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    ask(text);
    answer(text);
    write_and_read(text);
    return 0;
}
