// See crosstalk/asker.hpp: a program's place on XMPP when it asks other peers.
#include "crosstalk/asker.hpp"

#include <boost/asio/post.hpp>
#include <optional>

#include "library/calling.hpp"
#include "library/inquiry.hpp"
#include "library/loop.hpp"
#include "library/settings.hpp"
#include "net/task_group.hpp"

namespace crosstalk {

namespace asio = net::asio;

class asker::state : public std::enable_shared_from_this<asker::state> {
  public:
    state(const asker_settings& from, asio::io_context* theirs)
        : loop(theirs),
          account_(library::read_settings(from)),
          self_(library::jid_of(account_)),
          trust_(library::read_trust(account_.ca_file)) {}

    void ask(question what, std::function<void(answer)> done);
    void stop();
    [[nodiscard]] bool is_running() const noexcept { return is_running_; }

    library::loop loop;  ///< goes last

  private:
    void start();
    [[nodiscard]] static net::awaitable<void> live(std::shared_ptr<state> own);
    [[nodiscard]] static net::awaitable<void> answer_one(std::shared_ptr<state> own, question what,
                                                         std::function<void(answer)> done);

    net::account account_;
    xmpp::jid self_;
    net::tls_client_context trust_;
    std::unique_ptr<net::resolver> names_;
    std::unique_ptr<visit::asker> asker_;
    std::unique_ptr<net::task_group> tasks_;
    bool is_running_ = false;
};

void asker::state::start() {
    if (asker_) return;
    const auto ex = loop.get_executor();
    names_ = std::make_unique<net::resolver>(ex, account_.dns_servers);
    asker_ = std::make_unique<visit::asker>(ex, *names_, account_, self_, trust_);
    tasks_ = std::make_unique<net::task_group>(ex);
    is_running_ = true;
    asio::co_spawn(ex, live(shared_from_this()), [](const std::exception_ptr& failed) {
        if (failed) std::rethrow_exception(failed);
    });
}

net::awaitable<void> asker::state::live(std::shared_ptr<state> own) {
    const auto ended = co_await own->asker_->run();
    static_cast<void>(ended);  // whoever asks is told
    co_await own->tasks_->join();
    own->is_running_ = false;
    own->loop.end();
}

void asker::state::ask(question what, std::function<void(answer)> done) {
    start();
    tasks_->spawn(answer_one(shared_from_this(), std::move(what), std::move(done)));
}

net::awaitable<void> asker::state::answer_one(std::shared_ptr<state> own, question what,
                                              std::function<void(answer)> done) {
    library::inquiry asked(own->loop.get_executor(), *own->asker_, std::move(what));
    auto got = co_await asked.run();
    asio::post(own->loop.get_executor(), [done = std::move(done), got = std::move(got)]() mutable {
        library::call(done, std::move(got));
    });
}

void asker::state::stop() {
    if (asker_) asker_->stop();
}

// The face

asker::asker(asker_settings settings) : state_(std::make_shared<state>(settings, nullptr)) {}

asker::asker(asker_settings settings, asio::io_context& loop)
    : state_(std::make_shared<state>(settings, &loop)) {}

asker::~asker() {
    state_->stop();
    if (state_->loop.is_own() && state_->is_running()) state_->loop.run();
}

void asker::ask(question what, std::function<void(answer)> done) {
    state_->ask(std::move(what), std::move(done));
}

void asker::stop() { state_->stop(); }

answer asker::fetch(question what) {
    answer got;
    bool is_there = false;
    state_->ask(std::move(what), [&](answer whole) {
        got = std::move(whole);
        is_there = true;
        state_->loop.end();
    });
    while (!is_there) state_->loop.run();
    return got;
}

answer asker::fetch(std::string url) {
    question what;
    what.url = std::move(url);
    return fetch(std::move(what));
}

}  // namespace crosstalk
