// Implementation of stream_session.hpp.
#include "xmpp/stream_session.hpp"

#include "xmpp/characters.hpp"

namespace crosstalk::xmpp {

void stream_session::start() {
    events_.clear();
    output_.clear();
    parser_.restart();
    running_ = true;
    closing_ = false;
    restarted_ = false;
}

void stream_session::restart_stream() {
    parser_.restart();
    restarted_ = true;
}

void stream_session::receive(std::string_view bytes) {
    if (!running_) return;
    restarted_ = false;
    const result<void> fed = parser_.feed(bytes);
    while (running_ && !restarted_) {
        std::optional<stream_part> part = parser_.poll();
        if (!part) break;
        take(std::move(*part));
    }
    if (running_ && !restarted_ && !fed) refuse(fed.error());
}

void stream_session::take(stream_part&& part) {
    if (const auto* header = std::get_if<stream_header>(&part)) return opened(*header);
    if (std::holds_alternative<stream_footer>(part)) return finish(errc::stream_closed, {});
    auto& stanza = std::get<element>(part);
    if (stanza.is("error", ns::streams)) return take_stream_error(stanza);
    handle(std::move(stanza));
}

void stream_session::take_stream_error(const element& error) {
    const refusal why = read_refusal(error, ns::stream_errors);
    finish(stream_condition(why.condition), why.words());
}

/// Tells the other side what was wrong with its XML (RFC 6120, 4.9).
void stream_session::refuse(error_code error) {
    const bool too_large = error == errc::stanza_too_large;
    output_ += "<stream:error><";
    output_ += too_large ? "policy-violation" : "not-well-formed";
    output_ += " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    finish(error, parser_.trouble());
}

void stream_session::fail(errc error, std::string text) { finish(error, std::move(text)); }

void stream_session::finish(error_code error, std::string text) {
    if (!running_) return;
    running_ = false;
    if (!closing_) output_ += "</stream:stream>";
    over();
    emit(ended{error, std::move(text)});
}

std::optional<session_event> stream_session::poll() {
    if (events_.empty()) return std::nullopt;
    std::optional<session_event> event(std::move(events_.front()));
    events_.pop_front();
    return event;
}

void stream_session::lost() {
    running_ = false;
    output_.clear();
}

void stream_session::close() {
    if (!running_ || closing_) return;
    closing_ = true;
    output_ += "</stream:stream>";
}

result<void> stream_session::check_stanza(std::string_view stanza, std::size_t max_stanza) {
    if (stanza.size() > max_stanza) return errc::stanza_too_large;
    if (!stanza.starts_with('<') || !is_legal_text(stanza)) return errc::malformed_xml;
    return {};
}

std::string refusal::words() const {
    if (condition.empty() || text.empty()) return condition + text;
    return condition + ": " + text;
}

refusal read_refusal(const element& error, std::string_view ns) {
    refusal why;
    for (const element& e : error.children()) {
        if (e.ns() != ns) continue;
        if (e.name() == "text")
            why.text = e.text();
        else if (why.condition.empty())
            why.condition = e.name();
    }
    return why;
}

}  // namespace crosstalk::xmpp
