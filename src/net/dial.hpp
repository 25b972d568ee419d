// From a name to a connected stream: SRV and addresses by c-ares, TCP with TCP_NODELAY, in order and in time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/byte_stream.hpp"

namespace crosstalk::net {

/// Looks names up without blocking. One per process; lives as long as its io_context runs.
class resolver {
  public:
    /// `servers` like "127.0.0.1:5353"; empty = the system's. CROSSTALK_DNS is read by the caller.
    resolver(executor ex, const std::vector<std::string>& servers);
    ~resolver();

    struct srv_record {
        std::string target;
        std::uint16_t port = 0, priority = 0, weight = 0;
        bool direct_tls = false;
    };
    /// _xmpps-client and _xmpp-client together, in the order in which to try them (RFC 2782, XEP-0368).
    /// Empty when there are none; `random` chooses among weights.
    [[nodiscard]] awaitable<result<std::vector<srv_record>>> xmpp_client(std::string domain);
    /// IPv6 and IPv4 addresses as text. Addresses in `host` come back as they are.
    [[nodiscard]] awaitable<result<std::vector<std::string>>> addresses(std::string host);
    /// The TXT records of a name (RFC 1035, 3.3.14); empty when there are none.
    [[nodiscard]] awaitable<result<std::vector<std::string>>> texts(std::string name);

    struct state;

  private:
    std::shared_ptr<state> state_;
};

/// Connects to a host and port: every address in turn, each `timeout` at most.
[[nodiscard]] awaitable<result<byte_stream>> dial_tcp(resolver& names, std::string host, std::uint16_t port,
                                                      base::milliseconds timeout);
[[nodiscard]] awaitable<result<byte_stream>> dial_unix(std::string path, base::milliseconds timeout);

}  // namespace crosstalk::net
