// See conversation.hpp.
#include "library/conversation.hpp"

#include <algorithm>

#include "library/answers.hpp"
#include "library/calling.hpp"
#include "peer/serving.hpp"

namespace crosstalk::library {

conversation::conversation(net::call& call, crosstalk::request asked, base::tally& done)
    : call_(&call), done_(done), asked_(std::move(asked)) {}

net::awaitable<void> conversation::run() {
    const struct leaving {
        conversation& own;
        ~leaving() { own.detach(); }
    } at_exit{*this};
    call_->watch([this] { call_->wake(); });
    notify();
    while (!is_over()) {
        co_await call_->wait_room();
        notify();
    }
}

void conversation::notify() {
    if (!changed_) return;
    const auto changed = changed_;  // it may set another one
    try {
        changed();
    } catch (...) {
        give_up(describe_thrown());
    }
}

void conversation::detach() {
    has_read_all_ = has_read_all();
    call_->watch({});
    call_ = nullptr;
    // What it holds may be the last handle.
    const auto last = std::exchange(changed_, {});
}

bool conversation::is_over() const noexcept {
    return is_ended_ || call_ == nullptr || (*call_)->is_over();
}

void conversation::end() {
    is_ended_ = true;
    call_->wake();
}

void conversation::give_up(std::string why) {
    if (is_over()) return;
    done_.note = std::move(why);
    if (has_begun_) {
        call_->shut_down("backend-failed");
    } else {
        auto page = peer::make_page(500, "The program behind this site has failed.", asked_.headers);
        if (!has_body(asked_.method, 500)) peer::drop_body(page);
        // A new transaction has room for a page this short.
        if (!peer::send_at_once(*call_, page, done_)) call_->shut_down("backend-failed");
    }
    end();
}

void conversation::abandon() { give_up("the program has let go of the visitor"); }

std::string conversation::read(std::size_t most) { return is_over() ? "" : call_->take(most); }

bool conversation::has_read_all() const noexcept {
    return call_ == nullptr ? has_read_all_ : (*call_)->is_drained();
}

bool conversation::respond(unsigned status, http::fields headers) {
    if (is_over() || has_begun_) return false;
    std::string problem;
    auto start = make_start(status, std::move(headers), problem);
    if (!start) {
        give_up(std::move(problem));
        return false;
    }
    has_begun_ = true;
    done_.status = status;
    call_->respond(*std::move(start));
    if (!has_body(asked_.method, status)) finish();
    return true;
}

std::size_t conversation::room() const noexcept {
    return is_over() || !has_begun_ ? 0 : (*call_)->room();
}

std::size_t conversation::write(std::string_view bytes) {
    const auto taken = bytes.substr(0, room());
    if (taken.empty()) return 0;
    call_->write(taken);
    done_.bytes += taken.size();
    return taken.size();
}

void conversation::finish() {
    if (is_over()) return;
    if (!has_begun_) return give_up("the program finished an answer that it had not begun");
    call_->finish();
    end();
}

void conversation::on_change(std::function<void()> changed) {
    if (is_over()) return;
    changed_ = std::move(changed);
    call_->wake();
}

}  // namespace crosstalk::library

// The handle

namespace crosstalk {

/// What the handles of one visitor share.
struct visitor::lease {
    explicit lease(std::shared_ptr<library::conversation> of) : about(std::move(of)) {}
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() { about->abandon(); }

    std::shared_ptr<library::conversation> about;
};

visitor::visitor(std::shared_ptr<library::conversation> about)
    : lease_(std::make_shared<lease>(std::move(about))) {}

const request& visitor::request() const noexcept { return lease_->about->asked(); }
std::string visitor::read(std::size_t most) { return lease_->about->read(most); }
bool visitor::has_read_all() const noexcept { return lease_->about->has_read_all(); }
bool visitor::respond(unsigned status, http::fields headers) {
    return lease_->about->respond(status, std::move(headers));
}
std::size_t visitor::room() const noexcept { return lease_->about->room(); }
std::size_t visitor::write(std::string_view bytes) { return lease_->about->write(bytes); }
void visitor::finish() { lease_->about->finish(); }
void visitor::give_up(std::string why) { lease_->about->give_up(std::move(why)); }
bool visitor::is_over() const noexcept { return lease_->about->is_over(); }
void visitor::on_change(std::function<void()> changed) { lease_->about->on_change(std::move(changed)); }

}  // namespace crosstalk
