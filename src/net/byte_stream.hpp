// A connected stream of bytes: TCP, unix socket, or TLS over TCP, behind one face.
//
// Rule 1: failures are results, end of file is asio::error::eof, a passed deadline is
//         asio::error::timed_out.
// Rule 2: at most one read and one write at a time.
// Rule 3: close() from anywhere on the same thread ends what is pending with operation_aborted.
// Rule 4: a stream may be moved or destroyed while operations are pending; what destroys it closes it.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "net/asio.hpp"
#include "net/tls.hpp"
#include "xmpp/session.hpp"

namespace crosstalk::net {

class byte_stream {
  public:
    byte_stream();  ///< not connected: every operation fails
    byte_stream(byte_stream&&) noexcept;
    byte_stream& operator=(byte_stream&&) noexcept;
    ~byte_stream();

    /// Reads at least one byte into `buffer`.
    [[nodiscard]] awaitable<result<std::size_t>> read_some(asio::mutable_buffer buffer);
    /// Waits until read_some() has something to look at, and holds no buffer meanwhile. It costs a
    /// system call where the other side is busy; an idle stream should be waited for like this.
    [[nodiscard]] awaitable<result<void>> wait_input();
    /// What was read too far: the next reads get it before what comes from the network. Not during TLS.
    void give_back(std::string_view bytes);
    /// Writes all of the buffers with as few system calls as they allow. What they point to must live
    /// until it returns.
    [[nodiscard]] awaitable<result<void>> write(std::span<const asio::const_buffer> buffers);
    [[nodiscard]] awaitable<result<void>> write(std::string_view bytes);

    /// Client side of a TLS handshake over what is connected now. `name` is checked against the
    /// certificate and sent as SNI; `alpn` is the protocol to ask for, "" = none. Both deadlines hold.
    [[nodiscard]] awaitable<result<void>> start_tls(const tls_client_context& context, std::string name,
                                                    std::string alpn = {});
    /// Server side of one. Both deadlines hold. After a failure the stream is plain again, without what
    /// has been read.
    [[nodiscard]] awaitable<result<void>> accept_tls(const tls_server_context& context);
    [[nodiscard]] bool is_tls() const noexcept;
    /// What ALPN has chosen; "" = nothing, or no TLS. Valid until the stream closes.
    [[nodiscard]] std::string_view protocol() const;
    /// What channel binding needs; empty without TLS.
    [[nodiscard]] xmpp::tls_facts facts() const;

    /// Reads, and separately writes, that are not done by then end with timed_out. One coarse timer
    /// each; precise to 50 ms. time_point::max() = never, the state at the start.
    void read_deadline(base::time_point when);
    void write_deadline(base::time_point when);

    /// Acknowledges at once what is read from now on (TCP_QUICKACK, set anew after each read): for
    /// counterparts that wait for it under Nagle's algorithm.
    void quick_ack(bool on);

    /// Writes wait while the system holds more bytes than that which it has not sent yet (TCP alone).
    void limit_unsent(std::size_t bytes);

    /// Ends the sending direction in order (TLS close_notify included where it can be written at once).
    void shutdown_send();
    void close();
    /// Closes so that a TCP counterpart gets a reset in place of the end of the stream, and no more
    /// data.
    void reset();
    [[nodiscard]] bool is_open() const noexcept;
    /// While nothing is asked of the other side: whether it has closed, or has spoken all the same.
    /// With TLS only the former is seen.
    [[nodiscard]] bool is_stale() const noexcept;

    /// "127.0.0.1" and 40112; "" and 0 for a unix socket.
    [[nodiscard]] std::string remote_address() const;
    [[nodiscard]] std::uint16_t remote_port() const;
    [[nodiscard]] std::uint16_t local_port() const;
    /// Whoever is connected is a proxy and speaks for somebody else: that is the remote end from now
    /// on.
    void speak_for(std::string address, std::uint16_t port);

    struct state;
    explicit byte_stream(std::shared_ptr<state> s);

  private:
    std::shared_ptr<state> state_;  ///< shared with the operations that are pending
};

}  // namespace crosstalk::net
