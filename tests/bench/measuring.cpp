// See measuring.hpp.
#include "measuring.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace crosstalk::bench {
namespace {

constexpr auto warming_up = std::chrono::milliseconds(300);

}  // namespace

void fail(std::string_view what) {
    std::fprintf(stderr, "bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(1);
}

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
        fail("nothing listens on 127.0.0.1:" + std::to_string(port));
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

options::options(int count, char** words, int first) {
    for (int i = first; i + 1 < count; i += 2) values_[words[i]] = words[i + 1];
}

const std::string& options::text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) fail(name + " is missing");
    return found->second;
}

std::size_t options::number(const std::string& name) const {
    const std::string& digits = text(name);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) fail(name + " is not a number");
    return value;
}

std::vector<std::string> options::list(const std::string& name) const {
    std::vector<std::string> parts{""};
    for (const char c : text(name)) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

stopwatches::stopwatches(std::size_t slots, clock::duration length)
    : started_(slots), begin_(clock::now() + warming_up), end_(begin_ + length) {}

void stopwatches::stop(std::size_t slot) {
    last_ = clock::now();
    ++total_;
    if (last_ >= begin_)
        took_.push_back(std::chrono::duration<double>(last_ - started_.at(slot)).count());
}

double stopwatches::percentile(double share) const {
    return took_.empty() ? 0 : took_[static_cast<std::size_t>(share * double(took_.size() - 1))] * 1e3;
}

void stopwatches::print() {
    std::sort(took_.begin(), took_.end());
    const double seconds = std::chrono::duration<double>(last_ - begin_).count();
    std::printf(
        "{\"count\": %zu, \"seconds\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"total\": %zu}\n",
        took_.size(), seconds, percentile(0.5), percentile(0.99), total_);
}

}  // namespace crosstalk::bench
