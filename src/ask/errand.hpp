// One visitor's request from end to end: somebody is found who can answer and is asked; if whoever was
// asked goes away or fails, somebody else is, once; then the visitor is told how it ended.
//
// Rule: only a safe request without a body is sent a second time.
#pragma once

#include <functional>
#include <string>

#include "ask/relay.hpp"
#include "cgi/environ.hpp"

namespace crosstalk::ask {

/// Where to send a request, or why there is nowhere.
struct whereabouts {
    std::string full;  ///< "" when there is nobody
    failure why;
};

/// Those who can answer for one site.
class site_owner {
  public:
    virtual ~site_owner() = default;
    /// The resource to ask, which is not `avoid`.
    [[nodiscard]] virtual net::awaitable<whereabouts> locate(std::string avoid) = 0;
    [[nodiscard]] virtual net::call open(std::string full, cgi::environ_map request,
                                         bool body_follows) = 0;
    /// How a transaction with `full` ended.
    virtual void note_end(const std::string& full, const talk::outcome& end) = 0;
};

struct errand {
    net::http_stream& connection;
    const http::request_head& head;
    site_owner& owner;
    relay_settings relaying;
    std::string script_name;
    std::function<result<cgi::environ_map>()> environ;  ///< called for each sending
    std::function<void(unsigned status)> log;           ///< called once

    /// Whether the connection may go on.
    [[nodiscard]] net::awaitable<bool> run(net::executor ex);

  private:
    [[nodiscard]] net::awaitable<relay_end> ask(net::executor ex);
    [[nodiscard]] net::awaitable<bool> conclude(relay_end end);
};

/// Whether the request asks for a WebSocket, and so for one from end to end.
[[nodiscard]] bool opens_websocket(const http::request_head& head,
                                   const net::http_stream& connection);

}  // namespace crosstalk::ask
