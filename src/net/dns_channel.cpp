// See dns_channel.hpp.
#include "net/dns_channel.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>

#include "net/error.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net {
namespace {

constexpr int first_try_ms = 2000;  // doubled for each further try
constexpr int tries = 2;
constexpr std::size_t answers_most = 32;

/// A socket of c-ares, which alone opens and closes it.
struct watched {
    watched(const executor& ex, int fd) : descriptor(ex, fd) {}
    ~watched() { descriptor.release(); }

    asio::posix::stream_descriptor descriptor;
    bool wants_read = false, wants_write = false;
    bool is_waiting_read = false, is_waiting_write = false;
};

error_code meaning_of(int status) {
    switch (status) {
        case ARES_SUCCESS:
        case ARES_ENODATA:
        case ARES_ENOTFOUND:
            return {};
        case ARES_ETIMEOUT:
            return errc::lookup_timed_out;
        default:
            return errc::lookup_failed;
    }
}

struct channel_free {
    void operator()(ares_channeldata* c) const noexcept { ares_destroy(c); }
};

}  // namespace

struct dns_channel::state {
    explicit state(const executor& e) : ex(e), timer(e), answered(e) {}

    executor ex;
    asio::steady_timer timer;
    bell answered;
    std::map<int, std::shared_ptr<watched>> sockets;
    std::unique_ptr<ares_channeldata, channel_free> ares;  ///< null once the channel has gone
};

namespace {

using channel = std::shared_ptr<dns_channel::state>;
template <class Answer>
struct asked {
    dns_channel::state& from;
    dns_channel::question<Answer>& q;

    void end(int status) {
        q.error = meaning_of(status);
        q.is_done = true;
        from.answered.ring();
    }
};

void watch_sockets(const channel& c);

void progress(const channel& c, int readable, int writable) {
    if (!c->ares) return;
    ares_process_fd(c->ares.get(), readable, writable);
    watch_sockets(c);
}

void watch(const channel& c, const std::shared_ptr<watched>& w) {
    if (w->wants_read && !w->is_waiting_read) {
        w->is_waiting_read = true;
        w->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                 [c, w](const error_code& ec) {
                                     w->is_waiting_read = false;
                                     if (!ec)
                                         progress(c, w->descriptor.native_handle(), ARES_SOCKET_BAD);
                                 });
    }
    if (w->wants_write && !w->is_waiting_write) {
        w->is_waiting_write = true;
        w->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                 [c, w](const error_code& ec) {
                                     w->is_waiting_write = false;
                                     if (!ec)
                                         progress(c, ARES_SOCKET_BAD, w->descriptor.native_handle());
                                 });
    }
}

void watch_sockets(const channel& c) {
    for (const auto& [fd, w] : c->sockets) watch(c, w);
    timeval left{};
    if (ares_timeout(c->ares.get(), nullptr, &left) == nullptr) return;
    c->timer.expires_after(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec) +
                           base::milliseconds(1));
    c->timer.async_wait([c](const error_code& ec) {
        if (!ec) progress(c, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
}

void socket_changed(void* of, ares_socket_t fd, int readable, int writable) {
    auto& s = *static_cast<dns_channel::state*>(of);
    if (readable == 0 && writable == 0) {
        // c-ares closes it next: waits end now, and the descriptor is not ours to close.
        if (const auto at = s.sockets.find(fd); at != s.sockets.end()) {
            at->second->descriptor.release();
            s.sockets.erase(at);
        }
        return;
    }
    auto& w = s.sockets[fd];
    if (!w) w = std::make_shared<watched>(s.ex, fd);
    w->wants_read = readable != 0;
    w->wants_write = writable != 0;
}

void srv_answered(void* arg, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<asked<resolver::srv_record>> a(
        static_cast<asked<resolver::srv_record>*>(arg));
    ares_srv_reply* first = nullptr;
    if (status == ARES_SUCCESS) status = ares_parse_srv_reply(bytes, size, &first);
    for (const auto* r = first; r != nullptr && a->q.answer.size() < answers_most; r = r->next)
        a->q.answer.push_back({r->host, r->port, r->priority, r->weight, false});
    ares_free_data(first);
    a->end(status);
}

void texts_answered(void* arg, int status, int, unsigned char* bytes, int size) {
    const std::unique_ptr<asked<std::string>> a(static_cast<asked<std::string>*>(arg));
    ares_txt_ext* first = nullptr;
    if (status == ARES_SUCCESS) status = ares_parse_txt_reply_ext(bytes, size, &first);
    for (const auto* piece = first; piece != nullptr; piece = piece->next) {
        if (piece->record_start != 0 && a->q.answer.size() == answers_most) break;
        if (piece->record_start != 0) a->q.answer.emplace_back();
        if (!a->q.answer.empty())
            a->q.answer.back().append(reinterpret_cast<const char*>(piece->txt), piece->length);
    }
    ares_free_data(first);
    a->end(status);
}

std::string text_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* raw = nullptr;
    if (address->sa_family == AF_INET) raw = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    if (address->sa_family == AF_INET6)
        raw = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (raw == nullptr || inet_ntop(address->sa_family, raw, text.data(), text.size()) == nullptr)
        return {};
    return text.data();
}

void addresses_answered(void* arg, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<asked<std::string>> a(static_cast<asked<std::string>*>(arg));
    const auto* node = found != nullptr ? found->nodes : nullptr;
    for (; node != nullptr && a->q.answer.size() < answers_most; node = node->ai_next) {
        auto text = text_of(node->ai_addr);
        if (!text.empty() && std::ranges::find(a->q.answer, text) == a->q.answer.end())
            a->q.answer.push_back(std::move(text));
    }
    if (found != nullptr) ares_freeaddrinfo(found);
    a->end(status);
}

}  // namespace

dns_channel::dns_channel(std::shared_ptr<state> s) : state_(std::move(s)) {}

dns_channel::~dns_channel() {
    if (!state_) return;
    // Ends what is still asked; the handlers find the channel gone.
    const auto gone = std::exchange(state_->ares, nullptr);
    state_->timer.cancel();
}

result<dns_channel> dns_channel::open(const executor& ex, const std::string& servers) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    if (library != ARES_SUCCESS) return make_error_code(errc::lookup_failed);
    auto s = std::make_shared<state>(ex);
    std::string files_first = "fb";
    ares_options options{};
    options.timeout = first_try_ms;
    options.tries = tries;
    options.lookups = files_first.data();
    options.sock_state_cb = &socket_changed;
    options.sock_state_cb_data = s.get();
    ares_channeldata* raw = nullptr;
    const int status = ares_init_options(
        &raw, &options,
        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) return make_error_code(errc::lookup_failed);
    s->ares.reset(raw);
    if (!servers.empty() && ares_set_servers_ports_csv(raw, servers.c_str()) != ARES_SUCCESS)
        return make_error_code(errc::bad_dns_server);
    return dns_channel(std::move(s));
}

void dns_channel::ask_srv(const std::string& name, question<resolver::srv_record>& q) {
    auto a = std::make_unique<asked<resolver::srv_record>>(*state_, q);
    ares_query(state_->ares.get(), name.c_str(), ns_c_in, ns_t_srv, &srv_answered, a.release());
    watch_sockets(state_);
}

void dns_channel::ask_texts(const std::string& name, question<std::string>& q) {
    auto a = std::make_unique<asked<std::string>>(*state_, q);
    ares_query(state_->ares.get(), name.c_str(), ns_c_in, ns_t_txt, &texts_answered, a.release());
    watch_sockets(state_);
}

void dns_channel::ask_addresses(const std::string& host, question<std::string>& q) {
    auto a = std::make_unique<asked<std::string>>(*state_, q);
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(state_->ares.get(), host.c_str(), nullptr, &hints, &addresses_answered,
                     a.release());
    watch_sockets(state_);
}

awaitable<bool> dns_channel::wait(base::time_point deadline) {
    const bool rang = co_await state_->answered.wait(deadline);
    co_return rang;
}

}  // namespace crosstalk::net
