// TLS without a socket: bytes from the network in, bytes for the network out (OpenSSL underneath).
//
// Rule 1: no I/O and no clock. The owner reads into input_space() and writes what output() holds.
// Rule 2: what is idle holds no buffers.
// Rule 3: records are as full as what is written at once allows: the owner gathers, this file seals.
// Rule 4: a certificate that does not hold is an error of certificate_category(), with OpenSSL's words.
#pragma once

#include <openssl/bio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"
#include "xmpp/session.hpp"

namespace crosstalk::net {

/// Errors whose values are X509_V_ERR_*.
[[nodiscard]] const boost::system::error_category& certificate_category() noexcept;

class tls_engine {
  public:
    static constexpr std::size_t record_size = 16 * 1024;

    /// The client's side. `name` (a domain or an address) must be in the certificate; `alpn` "" = none.
    [[nodiscard]] static result<std::unique_ptr<tls_engine>> client(SSL_CTX* context,
                                                                    const std::string& name,
                                                                    std::string_view alpn);
    /// The server's side, with the certificate of `context`.
    [[nodiscard]] static result<std::unique_ptr<tls_engine>> server(SSL_CTX* context);
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine();

    enum class progress { done, needs_input };
    /// Goes on with the handshake. Output may be there whatever it returns, errors included.
    [[nodiscard]] result<progress> handshake();
    /// Plaintext, as many records as are there and fit; 0 when more input is needed; asio::error::eof
    /// after close_notify.
    [[nodiscard]] result<std::size_t> read(void* into, std::size_t size);
    /// Seals all of `bytes` into output().
    [[nodiscard]] result<void> write(std::string_view bytes);
    void close_notify();

    /// Where to put bytes from the network; only after read() or handshake() has asked for more.
    [[nodiscard]] std::span<char> input_space();
    void fed(std::size_t size) noexcept;
    /// Whether a read may give something, the end included, without more input.
    [[nodiscard]] bool has_input() const noexcept;
    /// Gives back the memory of input_space(), until that is called again; not if has_input().
    void forget_input_space() noexcept;
    /// Bytes for the network; the owner swaps them out.
    [[nodiscard]] std::string& output() noexcept { return output_; }

    /// The protocol that ALPN has chosen; "" = none.
    [[nodiscard]] std::string_view protocol() const;
    [[nodiscard]] xmpp::tls_facts facts() const;

  private:
    static constexpr std::size_t least_input = 4 * 1024, most_input = 64 * 1024;

    explicit tls_engine(SSL_CTX* context);
    [[nodiscard]] static result<std::unique_ptr<tls_engine>> make(SSL_CTX* context);
    [[nodiscard]] bool expect_name(const std::string& name);
    [[nodiscard]] bool offer(std::string_view alpn);
    [[nodiscard]] error_code failure(int returned) const;

    static const BIO_METHOD* transport();
    static int take(BIO* bio, char* into, int size);
    static int put(BIO* bio, const char* bytes, int size);
    static long control(BIO* bio, int command, long number, void* pointer);

    struct freeing {
        void operator()(SSL* ssl) const noexcept;
    };
    std::unique_ptr<SSL, freeing> ssl_;
    std::unique_ptr<char[]> input_;
    std::size_t size_ = 0, next_size_ = least_input;  ///< of input_, and of the next one
    std::size_t begin_ = 0, end_ = 0;                 ///< what of input_ is not yet taken
    bool is_over_ = false;                            ///< nothing more will be read
    std::string output_;
};

}  // namespace crosstalk::net
