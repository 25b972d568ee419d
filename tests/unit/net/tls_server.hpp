// A TLS server of the tests' own: blocking, one connection, in a thread.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "certificate.hpp"

namespace crosstalk::net::test {

/// One end of an accepted connection, plain until secure() has been called.
class served_connection {
  public:
    explicit served_connection(int fd) : fd_(fd) {}
    served_connection(const served_connection&) = delete;
    served_connection& operator=(const served_connection&) = delete;
    ~served_connection();

    /// The server's handshake; false when it failed.
    bool secure(const certificate& own);
    /// What the next read gives: of one record when secured; "" at the end.
    std::string read();
    /// Reads until `size` bytes have come, or the end.
    std::string read(std::size_t size);
    void write(std::string_view bytes);
    void drop();  ///< closes the socket, without close_notify

    [[nodiscard]] std::string exporter() const;
    [[nodiscard]] std::string protocol() const;  ///< what ALPN chose
    [[nodiscard]] bool said_goodbye() const;     ///< close_notify has come

  private:
    int fd_;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
};

/// Listens on a port of loopback and runs `script` on each of the first `connections` connections.
class threaded_server {
  public:
    explicit threaded_server(std::function<void(served_connection&)> script, int connections = 1);
    threaded_server(const threaded_server&) = delete;
    threaded_server& operator=(const threaded_server&) = delete;
    ~threaded_server();  ///< waits for the script

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    int listening_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace crosstalk::net::test
