// Sockets, TLS, and the two logins.
#include "stanza_stream.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "measuring.hpp"

namespace crosstalk::bench {
namespace {

constexpr std::size_t read_size = 64 * 1024;

std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        std::array<char, 3> pair{};
        std::snprintf(pair.data(), pair.size(), "%02x", unsigned{digest[i]});
        hex += pair.data();
    }
    return hex;
}

std::string base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string client_header(const std::string& domain) {
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
           domain + "'>";
}

}  // namespace

std::string_view attribute(std::string_view stanza, std::string_view name) {
    const auto tag = stanza.substr(0, stanza.find('>'));
    for (std::size_t at = tag.find(name); at != tag.npos; at = tag.find(name, at + 1)) {
        const auto after = at + name.size();
        if (tag[at - 1] != ' ' || after + 1 >= tag.size() || tag[after] != '=') continue;
        const auto end = tag.find(tag[after + 1], after + 2);
        return tag.substr(after + 2, end - after - 2);
    }
    return {};
}

stanza_stream::stanza_stream(std::uint16_t port) : fd_(connect_to(port)) {}

stanza_stream::stanza_stream(stanza_stream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      context_(std::exchange(other.context_, nullptr)),
      tls_(std::exchange(other.tls_, nullptr)),
      in_(std::move(other.in_)),
      used_(other.used_),
      scanned_(other.scanned_) {}

stanza_stream::~stanza_stream() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    if (fd_ >= 0) ::close(fd_);
}

void stanza_stream::secure(const std::string& ca_file, const std::string& name) {
    context_ = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_locations(context_, ca_file.c_str(), nullptr) != 1) {
        fail("cannot read certificates from " + ca_file);
    }
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    tls_ = SSL_new(context_);
    SSL_set1_host(tls_, name.c_str());
    SSL_set_tlsext_host_name(tls_, name.c_str());
    SSL_set_fd(tls_, fd_);
    if (SSL_connect(tls_) != 1) {
        fail(std::string("TLS handshake: ") + ERR_reason_error_string(ERR_peek_last_error()));
    }
    in_.clear();
    used_ = scanned_ = 0;
}

void stanza_stream::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto most = static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20));
        const auto sent = tls_ != nullptr ? SSL_write(tls_, bytes.data(), most)
                                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) fail("the server has closed the connection while it was written to");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::size_t stanza_stream::read_some(char* to, std::size_t most) {
    const auto got =
        tls_ != nullptr ? SSL_read(tls_, to, static_cast<int>(most)) : ::recv(fd_, to, most, 0);
    if (got <= 0)
        fail("the server has closed the connection; what it said last:\n" + in_.substr(used_));
    return static_cast<std::size_t>(got);
}

void stanza_stream::read() {
    in_.erase(0, used_);
    scanned_ -= std::min(scanned_, used_);
    used_ = 0;
    do {
        const auto old = in_.size();
        in_.resize(old + read_size);
        in_.resize(old + read_some(in_.data() + old, read_size));
    } while (tls_ != nullptr && SSL_pending(tls_) > 0);
}

std::string_view stanza_stream::next() {
    const std::string_view rest = std::string_view(in_).substr(used_);
    const auto tag_end = rest.find('>');
    if (tag_end == rest.npos) return {};
    std::size_t size = tag_end + 1;
    if (rest[tag_end - 1] != '/') {
        const auto name = rest.substr(1, rest.find_first_of(" >") - 1);
        const std::string end_tag = "</" + std::string(name) + ">";
        const auto from = std::max(scanned_, used_) - used_;
        const auto at = rest.find(end_tag, from);
        if (at == rest.npos) {
            scanned_ = in_.size() - std::min(in_.size() - used_, end_tag.size());
            return {};
        }
        size = at + end_tag.size();
    }
    used_ += size;
    return rest.substr(0, size);
}

std::string stanza_stream::expect(std::string_view text) {
    for (;;) {
        const auto at = in_.find(text, used_);
        if (at != in_.npos) {
            std::string before = in_.substr(used_, at - used_);
            used_ = at + text.size();
            return before;
        }
        if (in_.find("</stream:stream>", used_) != in_.npos)
            fail("the server refused: " + in_.substr(used_));
        read();
    }
}

void log_in_component(stanza_stream& stream, const std::string& domain, const std::string& secret) {
    stream.write(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
        "xmlns:stream='http://etherx.jabber.org/streams' to='" +
        domain + "'>");
    (void)stream.expect("<stream:stream");
    const std::string header = "<stream:stream" + stream.expect(">") + ">";
    stream.write("<handshake>" + sha1_hex(std::string(attribute(header, "id")) + secret) +
                 "</handshake>");
    (void)stream.expect("<handshake/>");
}

void log_in_client(stanza_stream& stream, const account& who) {
    stream.write(client_header(who.domain));
    (void)stream.expect("</stream:features>");
    stream.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    (void)stream.expect("<proceed");
    stream.secure(who.ca_file, who.domain);

    stream.write(client_header(who.domain));
    (void)stream.expect("</stream:features>");
    const std::string plain = '\0' + who.user + '\0' + who.password;
    stream.write("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64(plain) +
                 "</auth>");
    (void)stream.expect("<success");
    (void)stream.expect("/>");

    stream.write(client_header(who.domain));
    (void)stream.expect("</stream:features>");
    stream.write(
        "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<resource>bare</resource></bind></iq>");
    (void)stream.expect("</iq>");
}

}  // namespace crosstalk::bench
