// What both logins share: the parser, the events that wait, and the ways in which a stream ends.
//
// Rule: parts of the stream are handled one by one as they come, so that a restart (STARTTLS, SASL)
// drops
//       whatever the other side has sent after the element that caused it.
#pragma once

#include <deque>
#include <string>

#include "xmpp/session.hpp"
#include "xmpp/stream_parser.hpp"

namespace crosstalk::xmpp {

class stream_session : public session {
  public:
    void receive(std::string_view bytes) final;
    [[nodiscard]] std::optional<session_event> poll() final;
    void lost() override;
    void close() override;

  protected:
    explicit stream_session(parser_limits limits) : parser_(limits) {}

    virtual void opened(const stream_header& header) = 0;
    /// A top-level element other than <stream:error/>.
    virtual void handle(element&& stanza) = 0;
    /// The stream is over, for whatever reason; once per connection, and not when it was lost.
    virtual void over() = 0;

    void start();           ///< a new connection
    void restart_stream();  ///< a new stream on the same connection
    void emit(session_event event) { events_.push_back(std::move(event)); }
    /// Ends the stream: nothing is taken any more, `</stream:stream>` is the last that is written.
    void fail(errc error, std::string text = {});
    [[nodiscard]] bool is_running() const noexcept { return running_; }
    [[nodiscard]] bool is_closing() const noexcept { return closing_; }
    /// Whether `stanza` may be written at all: legal text, a tag first, its size.
    [[nodiscard]] static result<void> check_stanza(std::string_view stanza, std::size_t max_stanza);

  private:
    void take(stream_part&& part);
    void take_stream_error(const element& error);
    void refuse(error_code error);
    void finish(error_code error, std::string text);

    stream_parser parser_;
    std::deque<session_event> events_;
    bool running_ = false;
    bool restarted_ = false;
    bool closing_ = false;
};

/// "condition: text", as far as there is either, of <stream:error/>, SASL <failure/> and their kind:
/// the condition is the first child of namespace `ns` that is not <text/>.
struct refusal {
    std::string condition, text;
    [[nodiscard]] std::string words() const;
};
[[nodiscard]] refusal read_refusal(const element& error, std::string_view ns);

}  // namespace crosstalk::xmpp
