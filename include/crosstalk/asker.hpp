// Asking other peers, from your own program, without any gateway (docs/protocol.md, section 11).
//
//     crosstalk::asker a({.jid = "juliet@capulet.example", .password = secret});
//     const auto got = a.fetch("httpx://romeo@montague.example/rose.txt");
//
// Rule 1: one thread, that of the loop, runs everything, and your functions are called on it.
// Rule 2: a mistake in the settings is thrown by the constructor; all else is an answer, with a problem
//         in words where it is not whole. What is not whole never looks whole.
// Rule 3: nothing is asked twice.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "crosstalk/configuration_error.hpp"
#include "crosstalk/request.hpp"

namespace boost::asio {
class io_context;
}

namespace crosstalk {

struct asker_settings {
    /// Your account, as people write it (RFC 7622). Without a resource the server makes one.
    std::string jid{};
    /// Sent only inside TLS, and as SCRAM where the server offers it (RFC 5802).
    std::string password{};
    /// "HOST:PORT", or "tls://HOST:PORT" for direct TLS (XEP-0368); "": as DNS says (RFC 6120, 3.2).
    std::string server{};
    /// PEM file of certificates to trust instead of the system's.
    std::string ca_file{};
};

struct question {
    /// httpx://JID/path?query, or one of the xmpp: forms that `crosstalk fetch --help` shows.
    std::string url{};
    /// "": GET, or POST with a body (RFC 9110, 9.3).
    std::string method{};
    /// Accept, User-Agent, Host and Content-Length are added.
    http::fields headers{};
    /// The body to send, whole …
    std::string body{};
    /// … or where to take it from, piece by piece; then `body` is not looked at.
    body_source source{};
    /// Where the answer's body goes; unset: into answer::body.
    body_sink sink{};
    /// Bytes of an answer without a sink; a longer one is given up.
    std::size_t most_body = 16 * 1024 * 1024;
    /// For the login, and then for the peer to begin its answer.
    std::chrono::milliseconds patience{60'000};
};

struct answer {
    /// The peer's (RFC 9110, 15). Where no peer answered: 400 for a question that cannot be asked, 403
    /// when the publisher has not let you in, 502 and 503 when there is nobody, 504 when the peer took
    /// too long, 0 when the login failed; `problem` then says what happened.
    unsigned status = 0;
    http::fields headers{};
    /// "" with a sink. Where there is a problem, what has come so far.
    std::string body{};
    /// "": the answer has come, and is whole. Otherwise what happened, in words for people.
    std::string problem{};

    [[nodiscard]] bool is_whole() const noexcept { return problem.empty(); }
};

class asker {
  public:
    /// With a loop of its own, for fetch(). Throws configuration_error.
    explicit asker(asker_settings settings);
    /// In your loop, which one thread runs at a time. Throws configuration_error.
    asker(asker_settings settings, boost::asio::io_context& loop);
    asker(const asker&) = delete;
    asker& operator=(const asker&) = delete;
    /// On the loop's thread, or when the loop does not run. With a loop of its own it leaves the server
    /// in order, which may take 2 s; in your loop it is as stop().
    ~asker();

    /// Asks, and runs the loop of its own until the answer is there. Logs in first if need be; the
    /// login lasts from one call to the next, as long as calls come more than once a minute.
    [[nodiscard]] answer fetch(question what);
    [[nodiscard]] answer fetch(std::string url);

    /// In your loop: asks, and calls `done` once, on the loop's thread and never from within ask().
    /// What it throws is dropped. Logs in first if need be, and stays so. At most 64 peers at once;
    /// more are told 503.
    void ask(question what, std::function<void(answer)> done);
    /// In your loop, on its thread: gives up what is asked, which is answered as that, and leaves. The
    /// loop is to run until it has nothing to do.
    void stop();

  private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace crosstalk
