// A peer in your own program: it logs in to XMPP, and your function answers what visitors ask.
//
//     crosstalk::publisher p({.jid = "romeo@montague.example", .password = secret,
//                             .gateways = {"http.montague.example"}});
//     p.on_request([](const crosstalk::request& asked) -> crosstalk::response {
//         return {.headers = {{"Content-Type", "text/plain"}}, .body = "hello " + asked.path};
//     });
//     p.run();
//
// Rule 1: one thread, that of the loop, runs everything, and your functions are called on it. stop()
//         and post() alone may be called from any other.
// Rule 2: a mistake in the settings is thrown by the constructor. From then on nothing that comes from
//         outside throws: it is an answer, a piece of news, or the ending.
// Rule 3: what your functions throw ends one request (500, or cut off) or nothing, never the peer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/configuration_error.hpp"
#include "crosstalk/request.hpp"
#include "crosstalk/visitor.hpp"

namespace boost::asio {
class io_context;
}

namespace crosstalk {

/// Whether requests may come over a direct stream (docs/protocol.md, section 10).
enum class direct_streams { when_possible, never, required };

struct publisher_settings {
    /// Your account, as people write it (RFC 7622). Without a resource one is made from this machine,
    /// the program and the gateways, the same each time, so that a restart replaces what was left.
    std::string jid{};
    /// Sent only inside TLS, and as SCRAM where the server offers it (RFC 5802).
    std::string password{};
    /// Domains of gateways that have a site for you. None: only other peers may ask.
    std::vector<std::string> gateways{};
    /// Who may ask without a gateway: "anyone", "roster" (contacts that may see your presence, RFC
    /// 6121, 3), a JID, or a domain. Your own account always may. None: your account alone.
    std::vector<std::string> allow{"roster"};
    /// The site of that name alone; "": all that the gateways have for you, but for those that another
    /// program of yours names.
    std::string name{};
    /// From -128 to -1: of your account's publishers the one with the highest is asked, equals in turn
    /// (RFC 6121, 4.7.2.3). Your chats go to what has 0 or more.
    int priority = -1;
    /// "HOST:PORT", or "tls://HOST:PORT" for direct TLS (XEP-0368); "": as DNS says (RFC 6120, 3.2).
    std::string server{};
    /// PEM file of certificates to trust instead of the system's.
    std::string ca_file{};
    direct_streams direct = direct_streams::when_possible;
    /// Hosts where a gateway's end of them may be, besides its own.
    std::vector<std::string> direct_hosts{};
    /// Bytes of a body that on_request() gets whole; more is answered by 413 (RFC 9110, 15.5.14).
    std::size_t most_body = 1024 * 1024;
    /// Requests that are answered at once; more are told 503.
    std::size_t most_requests = 1024;
};

/// Why a publisher is over.
struct ending {
    enum class kind {
        stopped,       ///< stop() was called
        login_failed,  ///< in a way that trying again does not mend: wrong password, bad certificate
        refused,       ///< a gateway has no site for this account
    };
    kind what = kind::stopped;
    std::string text{};  ///< what happened, in words for people; "" when stopped
};

class publisher {
  public:
    /// With a loop of its own, for run(). Throws configuration_error.
    explicit publisher(publisher_settings settings);
    /// In your loop, which one thread runs at a time, and which has to run until on_end() was called.
    /// Throws configuration_error.
    publisher(publisher_settings settings, boost::asio::io_context& loop);
    publisher(const publisher&) = delete;
    publisher& operator=(const publisher&) = delete;
    /// On the loop's thread, or when the loop does not run. Before the end it is as stop(): your
    /// functions are called until on_end() was.
    ~publisher();

    // What you do. To be set before start() or run(); one of the first two has to be.

    /// Answers a request whose body has come whole. HEAD is answered like GET, its body left out (RFC
    /// 9110, 9.3.2).
    void on_request(std::function<response(const request&)> answer);
    /// The same for whoever wants to answer later, or in pieces: answer through the handle.
    void on_visitor(std::function<void(visitor)> meet);

    // What you are told; each may be left out.

    /// An address at which the site is up now: a URL of each gateway, or httpx://JID/ without any.
    void on_site(std::function<void(std::string url)> site);
    /// A sentence for people: the connection was lost, a gateway is away. Printable ASCII.
    void on_news(std::function<void(std::string text)> news);
    /// What became of requests: a line for each, as `crosstalk publish` prints them, printable ASCII;
    /// several, with newlines between them, where they ended together.
    void on_line(std::function<void(std::string lines)> line);
    /// It is over: the last call of all.
    void on_end(std::function<void(const ending& how)> end);

    /// Begins, in your loop; once. It then keeps the site up, and comes back by itself whatever is
    /// unplugged, until stop(). Throws configuration_error when nothing answers requests.
    void start();
    /// start(), then runs the loop of its own on this thread to the end.
    ending run();

    /// From any thread, and more than once: what is being answered has half a second to come to its
    /// end, new requests are told 503, and run() returns, or on_end() is called. Not from a signal
    /// handler.
    void stop();
    /// From any thread: calls `what` on the loop's thread, soon. After the end it may never be called.
    void post(std::function<void()> what);

  private:
    class state;
    std::shared_ptr<state> state_;
};

}  // namespace crosstalk
