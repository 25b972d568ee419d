// Visitors of web sites: so many kept-alive connections, each asking for one page again and again.
//
//   visitors --port N --host NAME,NAME,… --path /page --connections N --milliseconds N
//
// The first connection asks the first host, the next one the next, and so on round. What counts the
// time is what counts that of bare IQs.
//
// Prints one line of JSON. Rule: an answer that is not 200
// with a Content-Length ends the program.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "measuring.hpp"

namespace crosstalk::bench {
namespace {

class visitor {
  public:
    visitor(std::uint16_t port, std::string request)
        : fd_(connect_to(port)), request_(std::move(request)) {}
    visitor(visitor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), request_(std::move(other.request_)) {}
    visitor& operator=(visitor&&) = delete;
    ~visitor() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int fd() const { return fd_; }

    void ask() {
        in_.clear();
        size_ = 0;
        if (::send(fd_, request_.data(), request_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request_.size())) {
            fail("a request could not be written");
        }
    }

    /// Takes what has come; whether the answer is complete.
    bool read() {
        const auto old = in_.size();
        in_.resize(old + 64 * 1024);
        const auto got = ::recv(fd_, in_.data() + old, 64 * 1024, 0);
        if (got <= 0) fail("the gateway has closed the connection");
        in_.resize(old + static_cast<std::size_t>(got));
        if (size_ == 0) find_size();
        return size_ != 0 && in_.size() >= size_;
    }

  private:
    void find_size() {
        constexpr std::string_view length = "\r\nContent-Length: ";
        const std::string_view all = in_;
        const auto end = all.find("\r\n\r\n");
        if (end == all.npos) return;
        const auto at = all.substr(0, end).find(length);
        if (!all.starts_with("HTTP/1.1 200 ") || at == all.npos)
            fail("not what was asked for:\n" + in_);
        std::size_t body = 0;
        std::from_chars(all.data() + at + length.size(), all.data() + end, body);
        size_ = end + 4 + body;
    }

    int fd_ = -1;
    std::string request_;
    std::string in_;
    std::size_t size_ = 0;  ///< of the whole answer; 0 while its head is incomplete
};

std::string request_of(const options& given, const std::string& host) {
    return "GET " + given.text("--path") + " HTTP/1.1\r\nHost: " + host +
           "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n"
           "Accept-Language: en\r\n\r\n";
}

void visit(const options& given) {
    std::vector<visitor> visitors;
    std::vector<pollfd> waiting;
    const auto hosts = given.list("--host");
    for (std::size_t i = 0; i < given.number("--connections"); ++i) {
        visitors.emplace_back(static_cast<std::uint16_t>(given.number("--port")),
                              request_of(given, hosts[i % hosts.size()]));
        waiting.push_back({visitors.back().fd(), POLLIN, 0});
    }
    stopwatches watches(visitors.size(), std::chrono::milliseconds(given.number("--milliseconds")));
    for (std::size_t i = 0; i < visitors.size(); ++i) {
        watches.start(i);
        visitors[i].ask();
    }
    while (!watches.is_over()) {
        if (::poll(waiting.data(), waiting.size(), 30'000) <= 0) fail("no answer for 30 s");
        for (std::size_t i = 0; i < visitors.size(); ++i) {
            if (waiting[i].revents == 0 || !visitors[i].read()) continue;
            watches.stop(i);
            watches.start(i);
            visitors[i].ask();
        }
    }
    watches.print();
}

}  // namespace
}  // namespace crosstalk::bench

int main(int count, char** words) {
    crosstalk::bench::visit({count, words, 1});
    return 0;
}
