// The cheapest XMPP connection there is: plain blocking sockets, stanzas found by their end tags.
//
// Rule 1: it parses nothing and checks nothing that measuring does not need: it stands for the floor of
//         cost on a path, so that what CrossTalk adds to it can be told. Never for real servers.
// Rule 2: whatever goes wrong ends the program with a sentence.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk::bench {

/// The value of an attribute in the start tag that `stanza` begins with, or "".
[[nodiscard]] std::string_view attribute(std::string_view stanza, std::string_view name);

class stanza_stream {
  public:
    explicit stanza_stream(std::uint16_t port);  ///< connects to 127.0.0.1
    stanza_stream(stanza_stream&& other) noexcept;
    stanza_stream& operator=(stanza_stream&&) = delete;
    ~stanza_stream();

    /// A TLS handshake over what is connected; the certificate must be for `name` and signed by
    /// `ca_file`.
    void secure(const std::string& ca_file, const std::string& name);

    void write(std::string_view bytes);
    /// Waits for bytes and takes all that is there.
    void read();
    /// The next whole stanza that has been read, or "" when there is none. Valid until the next read().
    [[nodiscard]] std::string_view next();
    /// Waits until `text` has come and forgets everything up to its end; what stood before is handed
    /// over.
    [[nodiscard]] std::string expect(std::string_view text);

  private:
    [[nodiscard]] std::size_t read_some(char* to, std::size_t most);

    int fd_ = -1;
    SSL_CTX* context_ = nullptr;
    SSL* tls_ = nullptr;
    std::string in_;
    std::size_t used_ = 0;     ///< bytes of in_ that next() has handed over
    std::size_t scanned_ = 0;  ///< where the search for an end tag goes on
};

/// Attaches as a component (XEP-0114).
void log_in_component(stanza_stream& stream, const std::string& domain, const std::string& secret);

struct account {
    std::string user;
    std::string domain;
    std::string password;
    std::string ca_file;
};

/// Logs a client in (STARTTLS, SASL PLAIN) under the resource `bare`.
void log_in_client(stanza_stream& stream, const account& who);

}  // namespace crosstalk::bench
