// A session's conversation as a script: what the server says, what we must write, what must happen.
//
// Every script is run several times, with the server's bytes cut into pieces of different sizes.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "xmpp/session.hpp"
#include "xmpp/stream_parser.hpp"

namespace crosstalk::xmpp::test {

template <class Session>
class script {
  public:
    template <class Settings>
    script(std::size_t piece, Settings settings) : session_(std::move(settings)), piece_(piece) {}

    [[nodiscard]] Session& session() noexcept { return session_; }
    void begin(bool secure, tls_facts facts, std::string random) {
        session_.begin(secure, std::move(facts), std::move(random));
    }
    [[nodiscard]] result<void> send(std::string_view stanza) { return session_.send(stanza); }
    void close() { session_.close(); }
    void lost() { session_.lost(); }
    [[nodiscard]] std::string& output() noexcept { return session_.output(); }

    void server(std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_, bytes.size())))
            session_.receive(bytes.substr(0, piece_));
    }
    void writes(std::string_view expected) {
        CHECK(session_.output() == expected);
        session_.output().clear();
    }
    void is_quiet() { CHECK_FALSE(session_.poll().has_value()); }

    template <class Event>
    Event expects() {
        std::optional<session_event> event = session_.poll();
        REQUIRE(event.has_value());
        REQUIRE(std::holds_alternative<Event>(*event));
        return std::get<Event>(std::move(*event));
    }
    void ends(errc error, std::string_view text) {
        const auto end = expects<ended>();
        CHECK(end.error == error);
        CHECK(end.text == text);
        is_quiet();
    }

  private:
    Session session_;
    std::size_t piece_;
};

/// Runs `body(piece)` with the bytes whole, one by one, and in sevens.
template <class Body>
void in_pieces(Body body) {
    for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1}, std::size_t{7}}) {
        CAPTURE(piece);
        body(piece);
    }
}

/// The only top-level element of `xml` within a client stream.
inline element parse(std::string_view xml) {
    stream_parser parser;
    REQUIRE(
        parser.feed("<stream:stream xmlns='jabber:client' "
                    "xmlns:stream='http://etherx.jabber.org/streams'>"));
    REQUIRE(parser.poll().has_value());
    REQUIRE(parser.feed(xml));
    std::optional<stream_part> part = parser.poll();
    REQUIRE(part.has_value());
    return std::get<element>(std::move(*part));
}

}  // namespace crosstalk::xmpp::test
