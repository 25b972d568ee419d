// See tls_server.hpp.
#include "tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace crosstalk::net::test {
namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "the test's TLS server: %s failed\n", what);
    std::abort();
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    if (offered_size == 0) return SSL_TLSEXT_ERR_NOACK;
    *size = offered[0];
    *out = offered + 1;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

served_connection::~served_connection() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    drop();
}

bool served_connection::secure(const certificate& own) {
    context_ = SSL_CTX_new(TLS_server_method());
    must(SSL_CTX_use_certificate(context_, own.get()) == 1 &&
             SSL_CTX_use_PrivateKey(context_, own.key()) == 1,
         "the certificate");
    SSL_CTX_set_alpn_select_cb(context_, choose_protocol, nullptr);
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    return SSL_accept(ssl_) == 1;
}

std::string served_connection::read() {
    std::array<char, 32 * 1024> buffer{};
    const auto n = ssl_ != nullptr ? SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()))
                                   : static_cast<int>(::recv(fd_, buffer.data(), buffer.size(), 0));
    return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

std::string served_connection::read(std::size_t size) {
    std::string all;
    while (all.size() < size) {
        const std::string more = read();
        if (more.empty()) break;
        all += more;
    }
    return all;
}

void served_connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ssl_ != nullptr
                           ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                           : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void served_connection::drop() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

std::string served_connection::exporter() const {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    std::array<unsigned char, 32> secret{};
    must(SSL_export_keying_material(ssl_, secret.data(), secret.size(), label.data(), label.size(),
                                    nullptr, 0, 0) == 1,
         "the exporter");
    return {reinterpret_cast<const char*>(secret.data()), secret.size()};
}

std::string served_connection::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool served_connection::said_goodbye() const {
    return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

threaded_server::threaded_server(std::function<void(served_connection&)> script, int connections) {
    ::signal(SIGPIPE, SIG_IGN);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    must(::bind(listening_, reinterpret_cast<const sockaddr*>(&where), size) == 0, "bind");
    must(::listen(listening_, 16) == 0, "listen");
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
    thread_ = std::thread([fd = listening_, script = std::move(script), connections] {
        for (int i = 0; i < connections; ++i) {
            const int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0) return;
            served_connection connection(accepted);
            script(connection);
        }
    });
}

threaded_server::~threaded_server() {
    ::shutdown(listening_, SHUT_RDWR);  // ends an accept that nobody will answer
    thread_.join();
    ::close(listening_);
}

}  // namespace crosstalk::net::test
