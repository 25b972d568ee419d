// Jobs: one per request, from its arrival to its line on standard error.
#include "peer/request_desk.hpp"

#include <algorithm>
#include <chrono>

#include <boost/asio/post.hpp>

#include "net/task_group.hpp"
#include "peer/serving.hpp"
#include "peer/settings.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::peer {

namespace asio = net::asio;

/// A request that is being answered.
struct request_desk::job {
    explicit job(net::call v) : visitor(std::move(v)) {
        method = visitor->request()->get("REQUEST_METHOD");
        target = visitor->request()->get("REQUEST_URI");
    }
    job(const job&) = delete;
    job& operator=(const job&) = delete;
    ~job() {
        if (counted_by != nullptr) counted_by->leave(done.guest);
    }

    net::call visitor;
    std::string method, target;
    base::time_point began = base::clock::now();
    base::tally done;
    answer ready;                   ///< what send() sends
    cgi::incoming_request request;  ///< what pass_on() passes on
    quota* counted_by = nullptr;

    [[nodiscard]] std::string line() {
        const auto& end = visitor->end();
        const bool is_cut = visitor->is_over() && end.kind != talk::end_kind::completed;
        if (is_cut && done.note.empty())
            done.note = end.reason.empty() ? "cut off" : "cut off: " + end.reason;
        const auto took =
            std::chrono::duration_cast<std::chrono::milliseconds>(base::clock::now() - began);
        return base::request_line(base::local_time(), method, target, done, took);
    }
};

void request_desk::report(job& j) {
    if (!unsaid_->empty()) unsaid_->push_back('\n');
    const bool is_first = unsaid_->empty();
    unsaid_->append(j.line());
    if (is_first)
        asio::post(ex_, [lines = unsaid_, tell = on_lines] {
            if (!lines->empty()) tell(std::exchange(*lines, {}));
        });
}

request_desk::request_desk(net::executor ex, offering what, const settings& s, const guest_list& guests)
    : files_(std::move(what.files)),
      app_(std::move(what.app)),
      compressing_(s.compresses),
      guests_(guests),
      quota_(s.transactions_per_guest, s.guest_transactions),
      gateways_(s.gateways),
      most_(s.transactions),
      ex_(ex),
      tasks_(std::move(ex)) {}

request_desk::~request_desk() = default;

bool request_desk::is_gateway(std::string_view jid) const {
    return std::ranges::find(gateways_, xmpp::domain_of(jid)) != gateways_.end();
}

void request_desk::receive(net::call visitor) {
    if (is_direct_only_ && is_gateway(visitor->remote())) return tell_direct_only(std::move(visitor));
    if (!is_holding_) return begin(std::move(visitor));
    waiting_.push_back(std::move(visitor));
}

void request_desk::release() {
    is_holding_ = false;
    for (auto& visitor : std::exchange(waiting_, {})) {
        if (!visitor->is_over()) begin(std::move(visitor));
    }
}

/// A job for whoever may ask; nothing, and an answer that says why, for anybody else.
std::unique_ptr<request_desk::job> request_desk::admit(net::call visitor) {
    auto j = std::make_unique<job>(std::move(visitor));
    const auto& from = j->visitor->remote();
    if (is_gateway(from)) return j;
    j->done.guest = xmpp::bare_of(from);
    const auto verdict = guests_.judge(from);
    if (verdict == guest_list::verdict::refused) {
        refuse(*j, 403, "The publisher of this site has not let " + j->done.guest + " in.", {});
    } else if (verdict == guest_list::verdict::unknown) {
        refuse(*j, 503, "This site is about to start.", {});
    } else if (!quota_.enter(j->done.guest)) {
        refuse(*j, 503, "This site is busy: too many requests of one visitor, or of all.", {});
    } else {
        j->counted_by = &quota_;
        return j;
    }
    return nullptr;
}

void request_desk::begin(net::call visitor) {
    auto j = admit(std::move(visitor));
    if (!j) return;
    const auto who = j->counted_by == nullptr ? cgi::sender::gateway : cgi::sender::anyone;
    auto request = cgi::read_incoming(*j->visitor->request(), who, j->visitor->remote());
    if (request.has_error()) {
        j->done.note = request.error().message();
        return refuse(*j, cgi::status_of(request.error()),
                      "What has come is a request that this site does not understand.", {});
    }
    if (is_closing_ || running_.size() >= most_) {
        const auto text = is_closing_ ? "This site is about to stop." : "This site is busy.";
        return refuse(*j, 503, text, request->headers);
    }
    if (files_) return answer_from_folder(std::move(j), *request);
    j->request = std::move(*request);
    start(std::move(j), &request_desk::pass_on);
}

void request_desk::tell_direct_only(net::call visitor) {
    job j(std::move(visitor));
    j.done.note = "came in band, and --direct require is set";
    refuse(j, 503,
           "This site is answered over a direct connection alone, and that is down just now. Its "
           "publisher has asked for it so (--direct require).",
           {});
}

void request_desk::refuse(job& j, unsigned status, std::string_view text, const http::fields& headers) {
    auto page = make_page(status, text, headers);
    if (status == 503) page.start.headers.add("Retry-After", "5");
    if (j.method == "HEAD") drop_body(page);
    // A new transaction has room for a page this short; if it has not, there is nobody to tell.
    if (!send_at_once(j.visitor, page, j.done)) j.visitor.shut_down("overloaded");
    report(j);
}

void request_desk::answer_from_folder(std::unique_ptr<job> j, const cgi::incoming_request& request) {
    j->ready = files_->respond(request, std::time(nullptr));
    j->ready.encoder = compressing_.begin(request, j->ready.start);
    if (send_at_once(j->visitor, j->ready, j->done)) return report(*j);
    start(std::move(j), &request_desk::send);
}

void request_desk::start(std::unique_ptr<job> j, net::awaitable<void> (request_desk::*how)(job&)) {
    tasks_.spawn(run(std::move(j), how));
}

net::awaitable<void> request_desk::run(std::unique_ptr<job> j,
                                       net::awaitable<void> (request_desk::*how)(job&)) {
    const auto place = running_.insert(running_.end(), j.get());
    co_await (this->*how)(*j);
    running_.erase(place);
    report(*j);
}

net::awaitable<void> request_desk::send(job& j) {
    co_await send_in_pieces(j.visitor, std::move(j.ready), j.done);
}

net::awaitable<void> request_desk::pass_on(job& j) {
    co_await app_->serve(j.visitor, std::move(j.request), j.done);
}

void request_desk::cut() {
    waiting_.clear();
    for (job* const j : running_) {
        j->visitor.shut_down("stopped");
        j->visitor.wake();
    }
}

net::awaitable<void> request_desk::join() {
    co_await tasks_.join();
    if (app_) co_await app_->stop();
    if (!unsaid_->empty()) on_lines(std::exchange(*unsaid_, {}));
}

}  // namespace crosstalk::peer
