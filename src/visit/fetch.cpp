// See fetch.hpp.
#include "visit/fetch.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "base/console.hpp"
#include "http/status.hpp"
#include "http/writer.hpp"
#include "visit/asker.hpp"
#include "visit/download.hpp"
#include "visit/progress.hpp"
#include "visit/upload.hpp"

namespace crosstalk::visit {

using net::awaitable;
namespace asio = net::asio;
using base::printable;
using base::say;
using namespace std::chrono_literals;

namespace {

constexpr int exit_whole = 0, exit_usage = 1, exit_login = 2, exit_status = 4, exit_not_whole = 5;
constexpr std::size_t piece_most = 32 * 1024;
constexpr auto login_time = 60s;
constexpr auto progress_every = 200ms;

std::string status_line(unsigned status) {
    const auto phrase = http::reason_phrase(status);
    return std::to_string(status) + (phrase.empty() ? "" : ' ' + std::string(phrase));
}

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 79;
    return static_cast<std::size_t>(size.ws_col) - 1;
}

/// The line on the terminal, drawn now and then.
class progress_display {
  public:
    explicit progress_display(bool is_wanted)
        : is_shown_(is_wanted && ::isatty(STDERR_FILENO) == 1), began_(base::clock::now()) {}

    void show(progress p, bool is_last) {
        const auto now = base::clock::now();
        if (!is_shown_ || (!is_last && now < next_)) return;
        next_ = now + progress_every;
        p.took = std::chrono::duration_cast<base::milliseconds>(now - began_);
        std::string text = "\r\x1b[K" + progress_line(p, terminal_width());
        if (is_last) text += '\n';
        // Nobody to tell if it fails.
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    }

  private:
    bool is_shown_;
    base::time_point began_, next_{};
};

class fetcher {
  public:
    fetcher(net::executor ex, fetch_settings s, xmpp::jid self, net::tls_client_context tls,
            std::optional<upload> body);

    [[nodiscard]] awaitable<void> run();
    [[nodiscard]] int status() const noexcept { return status_; }

  private:
    [[nodiscard]] awaitable<void> keep_stream();
    [[nodiscard]] awaitable<void> work();
    [[nodiscard]] awaitable<void> ask(std::string full);
    [[nodiscard]] awaitable<void> send_body(net::call& call);
    [[nodiscard]] awaitable<void> receive(net::call& call);
    [[nodiscard]] awaitable<void> take_body(net::call& call);
    [[nodiscard]] awaitable<bool> write_head(const talk::response_start& start);
    void conclude(net::call& call, std::uint64_t got);
    void wait_for_signal();
    void tell(const ask::failure& why);
    void fail(int status, const std::string& text);
    [[nodiscard]] std::string not_whole() const;

    net::executor ex_;
    fetch_settings settings_;
    net::resolver names_;
    asker asker_;
    std::optional<upload> body_;
    download output_;
    progress_display progress_;
    net::task_group tasks_;
    asio::signal_set signals_;
    net::call* asked_ = nullptr;  ///< while there is one
    bool is_interrupted_ = false;
    bool is_answered_ = false;  ///< the request's body matters no more
    bool is_head_ = false;
    std::string body_trouble_;
    int status_ = exit_whole;
};

fetcher::fetcher(net::executor ex, fetch_settings s, xmpp::jid self, net::tls_client_context tls,
                 std::optional<upload> body)
    : ex_(ex),
      settings_(std::move(s)),
      names_(ex, settings_.dns_servers),
      asker_(ex, names_, settings_, std::move(self), std::move(tls)),
      body_(std::move(body)),
      output_(ex, settings_.output, settings_.address),
      progress_(settings_.shows_progress &&
                !(settings_.output.empty() && ::isatty(STDOUT_FILENO) == 1)),
      tasks_(ex),
      signals_(ex, SIGTERM, SIGINT) {
    asker_.on_news = [](const std::string& text) { say(printable(text)); };
}

void fetcher::fail(int status, const std::string& text) {
    if (status_ == exit_whole) status_ = status;
    say(text);
}

void fetcher::tell(const ask::failure& why) {
    fail(exit_status, status_line(why.status) + ": " + why.happened + ' ' + why.advice);
}

std::string fetcher::not_whole() const {
    if (settings_.output.empty()) return "The answer is not whole";
    return settings_.output + " is not whole; fetch it again with -C to have the rest";
}

void fetcher::wait_for_signal() {
    signals_.async_wait([this](error_code error, int) {
        if (error) return;
        // From now on the signals have their usual meaning: whoever is in a hurry asks twice.
        signals_.clear();
        is_interrupted_ = true;
        if (body_) body_->cancel();
        if (asked_ == nullptr) {
            fail(exit_not_whole, "interrupted");
            return asker_.stop();
        }
        asked_->shut_down("client-gone");
        asked_->wake();
    });
}

awaitable<void> fetcher::run() {
    wait_for_signal();
    tasks_.spawn(keep_stream());
    co_await work();
    asker_.stop();
    signals_.cancel();
    co_await tasks_.join();
}

awaitable<void> fetcher::keep_stream() {
    const auto ended = co_await asker_.run();
    if (ended.has_value() || is_interrupted_) co_return;
    const auto self = xmpp::bare_of(settings_.jid);
    fail(exit_login, net::describe_login_failure(asker_.trouble(), ended.error(), self));
}

awaitable<void> fetcher::work() {
    const bool is_online = co_await asker_.wait_online(base::clock::now() + login_time);
    if (!is_online) {
        if (status_ == exit_whole && asker_.trouble().empty())
            fail(exit_login, "the XMPP server did not answer in time");
        if (status_ == exit_whole) status_ = exit_login;
        co_return;
    }
    asker::stay there(asker_, settings_.where.bare);
    auto place = co_await there.locate(settings_.where.resource, "");
    if (is_interrupted_) co_return;
    if (place.full.empty()) co_return tell(place.why);
    co_await ask(std::move(place.full));
}

awaitable<void> fetcher::ask(std::string full) {
    const auto kept = settings_.resumes ? output_.find_kept() : std::nullopt;
    const auto length = body_ ? body_->length() : std::nullopt;
    auto head = make_request(settings_, length, kept);
    is_head_ = head.method == "HEAD";
    auto environ = make_peer_environ(std::move(head), settings_.where.target, settings_.where.bare);
    if (!environ) {
        fail(exit_usage, "this is no request that can be sent: " + environ.error().message() +
                             ". Look at -X, -H and the address.");
        co_return;
    }
    auto call = asker_.open(std::move(full), *std::move(environ), body_.has_value());
    asked_ = &call;
    net::task_group sending(ex_);
    if (body_) sending.spawn(send_body(call));
    co_await receive(call);
    is_answered_ = true;
    if (body_) body_->cancel();
    call.wake();
    co_await sending.join();
    asked_ = nullptr;
}

awaitable<void> fetcher::send_body(net::call& call) {
    while (!is_answered_ && !call->is_over()) {
        const auto room = call->room();
        if (room == 0) {
            (void)co_await call.wait_room();
            continue;
        }
        const auto piece = co_await body_->read(std::min(room, piece_most));
        if (is_answered_ || call->is_over()) co_return;
        if (!piece) {
            body_trouble_ = piece.error().message();
            call.shut_down("client-gone");
            call.wake();
            co_return;
        }
        if (piece->empty()) {
            call.finish();
            co_return;
        }
        call.write(*piece);
    }
}

awaitable<void> fetcher::receive(net::call& call) {
    while (call->response() == nullptr && !call->is_over()) (void)co_await call.wait_in();
    if (!body_trouble_.empty()) {
        fail(exit_usage, "cannot read what is to be sent: " + body_trouble_);
        co_return;
    }
    if (is_interrupted_) co_return fail(exit_not_whole, "interrupted");
    if (call->response() == nullptr) {
        const bool uri_is_long = settings_.where.target.size() > 8 * 1024;
        co_return tell(ask::failure_of(call->end(), uri_is_long));
    }
    const auto start = *call->response();
    if (start.status >= 400 && start.status != 416) fail(exit_status, status_line(start.status));
    if (settings_.shows_head || settings_.asks_for_head) {
        const bool is_written = co_await write_head(start);
        if (!is_written) co_return;
    }
    if (is_head_ || http::is_bodyless(start.status)) co_return;
    const auto plan = output_.begin(start);
    if (!plan) {
        call.shut_down("client-gone");
        fail(exit_usage, "cannot write " + settings_.output + ": " + plan.error().message());
    } else if (*plan == download::plan::already_whole) {
        const auto finished = output_.finish();
        if (!finished) fail(exit_usage, settings_.output + ": " + finished.error().message());
    } else if (*plan == download::plan::mismatch) {
        call.shut_down("client-gone");
        fail(exit_not_whole, "the part that came does not fit the part in " + settings_.output +
                                 "; fetch it anew, without -C");
    } else if (*plan == download::plan::drop) {
        if (status_ == exit_whole) fail(exit_status, status_line(start.status));
        call.shut_down("client-gone");
    } else {
        if (start.status == 416) fail(exit_status, status_line(start.status));
        co_await take_body(call);
    }
}

awaitable<bool> fetcher::write_head(const talk::response_start& start) {
    http::response_head head;
    head.status = start.status;
    head.headers = start.headers;
    std::string text;
    http::append_response_head(text, head);
    standard_pipe out(ex_, STDOUT_FILENO);
    const auto written = co_await out.write(text);
    if (!written) fail(exit_usage, "cannot write to standard output: " + written.error().message());
    co_return written.has_value();
}

awaitable<void> fetcher::take_body(net::call& call) {
    std::uint64_t got = 0;
    progress shown;
    shown.began_with = output_.began_with();
    if (output_.expected()) shown.whole = *output_.expected() + shown.began_with;
    while (!call->is_drained()) {
        if (call->readable() == 0) {
            if (call->is_over()) break;
            (void)co_await call.wait_in();
            continue;
        }
        const auto piece = call.take(piece_most);
        const auto written = co_await output_.write(piece);
        if (!written) {
            call.shut_down("client-gone");
            const auto where = settings_.output.empty() ? "standard output" : settings_.output;
            co_return fail(exit_usage, "cannot write to " + where + ": " + written.error().message());
        }
        got += piece.size();
        shown.done = shown.began_with + got;
        progress_.show(shown, false);
    }
    shown.done = shown.began_with + got;
    progress_.show(shown, true);
    conclude(call, got);
}

void fetcher::conclude(net::call& call, std::uint64_t got) {
    if (is_interrupted_) return fail(exit_not_whole, "interrupted. " + not_whole() + '.');
    if (!call->is_drained()) {
        const auto why = ask::failure_of(call->end(), false).happened;
        return fail(exit_not_whole, not_whole() + ". " + why);
    }
    if (output_.expected() && *output_.expected() != got) {
        return fail(exit_not_whole, not_whole() + ": " + std::to_string(got) + " of " +
                                        std::to_string(*output_.expected()) + " bytes have come.");
    }
    const auto finished = output_.finish();
    if (!finished) fail(exit_usage, settings_.output + ": " + finished.error().message());
}

}  // namespace

int run_fetch(fetch_settings settings) {
    std::signal(SIGPIPE, SIG_IGN);
    auto read = net::read_credentials(settings);
    if (const auto* why = std::get_if<std::string>(&read)) {
        say(*why);
        return exit_usage;
    }
    auto& [self, tls] = std::get<net::credentials>(read);
    asio::io_context io{1};
    std::optional<upload> body;
    if (settings.body) {
        auto opened = upload::open(io.get_executor(), *settings.body);
        if (!opened) {
            say("cannot read " + settings.body->file.value_or("") + ": " + opened.error().message());
            return exit_usage;
        }
        body.emplace(*std::move(opened));
    }
    fetcher f(io.get_executor(), std::move(settings), std::move(self), std::move(tls), std::move(body));
    // Timers that only remember things do not keep a program alive that is done.
    asio::co_spawn(io, f.run(), [&io](const std::exception_ptr& failed) {
        io.stop();
        if (failed) std::rethrow_exception(failed);
    });
    io.run();
    return f.status();
}

}  // namespace crosstalk::visit
