// An XMPP link under test: a session that speaks in lines, and an owner that writes down what it is
// told.
//
// The session's language, a word per line. From the server: "online", "tls", "end CODE", "s TEXT" for a
// stanza. To the server: "hello RANDOM" at the start, "bye" to close, and the stanzas as they are.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "loop.hpp"
#include "net/xmpp_link.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::net::test {

class line_session final : public xmpp::session {
  public:
    void begin(bool secure, xmpp::tls_facts facts, std::string random) override {
        began_secure = secure;
        last_facts = std::move(facts);
        randoms.push_back(random);
        gathered_.clear();
        events_.clear();
        output_ = "hello " + random + "\n";
    }
    void secured(xmpp::tls_facts facts) override {
        last_facts = std::move(facts);
        output_ += "secured\n";
    }
    void receive(std::string_view bytes) override {
        gathered_ += bytes;
        for (auto end = gathered_.find('\n'); end != std::string::npos; end = gathered_.find('\n')) {
            take(gathered_.substr(0, end));
            gathered_.erase(0, end + 1);
        }
    }
    std::optional<xmpp::session_event> poll() override {
        if (events_.empty()) return std::nullopt;
        auto event = std::move(events_.front());
        events_.pop_front();
        return event;
    }
    void lost() override {
        ++times_lost;
        output_.clear();
    }
    result<void> send(std::string_view stanza) override {
        output_ += stanza;
        output_ += '\n';
        return {};
    }
    void close() override { output_ += "bye\n"; }

    bool began_secure = false;
    xmpp::tls_facts last_facts;
    std::vector<std::string> randoms;
    int times_lost = 0;

  private:
    void take(const std::string& line) {
        if (line == "online") events_.emplace_back(xmpp::online{"me@example.org/x", false});
        if (line == "tls") events_.emplace_back(xmpp::needs_tls{});
        if (line.starts_with("end "))
            events_.emplace_back(
                xmpp::ended{static_cast<xmpp::errc>(std::stoi(line.substr(4))), "said so"});
        if (line.starts_with("s ")) {
            xmpp::received stanza{xmpp::element("message", std::string(xmpp::ns::client))};
            stanza.stanza.set_text(line.substr(2));
            events_.emplace_back(std::move(stanza));
        }
    }

    std::string gathered_;
    std::deque<xmpp::session_event> events_;
};

/// A link with its session and all that it told its owner, as lines.
struct linked {
    explicit linked(asio::io_context& io, std::uint16_t port)
        : names(io.get_executor(), {}), group(io.get_executor()), told(io.get_executor()) {
        settings.server_host = "127.0.0.1";
        settings.server_port = port;
        settings.domain = "example.org";
        settings.backoff_first = 1ms;
        settings.backoff_most = 4ms;
    }

    void start(asio::io_context& io) {
        link_events events;
        events.on_online = [this](const xmpp::online& how) { tell("online " + how.jid); };
        events.on_stanza = [this](xmpp::element&& e) { tell("stanza " + e.text()); };
        events.on_offline = [this](const error_code& e, const std::string& text, base::milliseconds) {
            offline = e;
            words = text;
            tell("offline");
        };
        events.on_idle = [this] { ++idle; };
        events.on_writable = [this] { tell("writable"); };
        link.emplace(io.get_executor(), names, session, settings, std::move(events));
        group.spawn(run_link(*this));
    }

    static awaitable<void> run_link(linked& self) {
        auto end = co_await self.link->run();
        self.end = end;
        self.tell("end");
    }

    void tell(const std::string& line) {
        log.push_back(line);
        if (on_line) on_line(line);
        told.ring();
    }
    [[nodiscard]] long count(const std::string& line) const { return std::ranges::count(log, line); }

    resolver names;
    line_session session;
    link_settings settings;
    std::optional<xmpp_link> link;
    task_group group;
    bell told;
    std::function<void(const std::string&)> on_line;
    std::vector<std::string> log;
    error_code offline;
    std::string words;
    std::optional<result<void>> end;
    int idle = 0;
};

}  // namespace crosstalk::net::test
