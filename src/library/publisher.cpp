// See crosstalk/publisher.hpp: a peer whose requests a program answers.
#include "crosstalk/publisher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "library/application.hpp"
#include "library/calling.hpp"
#include "library/loop.hpp"
#include "library/settings.hpp"
#include "peer/peer.hpp"

namespace crosstalk {

namespace asio = net::asio;

class publisher::state : public std::enable_shared_from_this<publisher::state> {
  public:
    state(const publisher_settings& from, asio::io_context* theirs)
        : loop(theirs),
          settings(library::read_settings(from)),
          self(library::jid_of(settings)),
          trust(library::read_trust(settings.ca_file)) {
        if (self.is_bare())
            self = xmpp::jid::parse(self.bare() + '/' + peer::stable_resource(settings)).value();
        use.most_body = from.most_body;
    }

    void start();
    void stop();

    library::loop loop;  ///< goes last
    peer::settings settings;
    xmpp::jid self;
    net::tls_client_context trust;
    library::application_settings use;
    std::function<void(std::string)> on_site, on_news, on_line;
    std::function<void(const ending&)> on_end;
    ending how;
    bool is_started = false;

  private:
    [[nodiscard]] static net::awaitable<peer::ending> live(std::shared_ptr<state> own);
    [[nodiscard]] peer::publisher_events make_events();
    void conclude(peer::ending ended);

    std::unique_ptr<net::resolver> names_;
    std::unique_ptr<peer::publisher> peer_;
    bool is_running_ = false;
    bool is_stopped_ = false;
};

peer::publisher_events publisher::state::make_events() {
    peer::publisher_events events;
    events.on_site = [this](const std::string& url) { library::call(on_site, url); };
    events.on_news = [this](std::string_view text) {
        how.text = text;
        library::call(on_news, std::string(text));
    };
    events.on_requests = [this](std::string_view lines) { library::call(on_line, std::string(lines)); };
    return events;
}

void publisher::state::start() {
    if (!use.answer && !use.meet)
        throw configuration_error("on_request: nothing answers requests; set this, or on_visitor");
    if (std::exchange(is_started, true)) return;
    const auto ex = loop.get_executor();
    names_ = std::make_unique<net::resolver>(ex, settings.dns_servers);
    peer::offering what;
    what.app = std::make_unique<library::application>(use);
    peer_ = std::make_unique<peer::publisher>(ex, *names_, settings, self, trust, std::move(what),
                                              make_events());
    auto concluded = [own = shared_from_this()](const std::exception_ptr& failed, peer::ending ended) {
        if (failed) std::rethrow_exception(failed);
        own->conclude(std::move(ended));
    };
    asio::co_spawn(ex, live(shared_from_this()), std::move(concluded));
}

net::awaitable<peer::ending> publisher::state::live(std::shared_ptr<state> own) {
    peer::ending ended;
    if (own->is_stopped_) co_return ended;
    own->is_running_ = true;
    ended = co_await own->peer_->run();
    own->is_running_ = false;
    co_return ended;
}

void publisher::state::stop() {
    is_stopped_ = true;
    if (is_running_) peer_->stop();
}

void publisher::state::conclude(peer::ending ended) {
    using kind = ending::kind;
    if (ended.what == peer::ending::kind::stopped) how = {};
    if (ended.what == peer::ending::kind::refused) how.what = kind::refused;  // the news said why
    if (ended.what == peer::ending::kind::login_failed) how = {kind::login_failed, ended.text};
    // What is on its way to the peer already arrives before it goes.
    asio::post(loop.get_executor(), [own = shared_from_this()] {
        own->peer_.reset();
        own->names_.reset();
        const auto end = std::exchange(own->on_end, {});
        library::call(end, own->how);
        own->loop.end();
    });
}

// The face

publisher::publisher(publisher_settings settings)
    : state_(std::make_shared<state>(settings, nullptr)) {}

publisher::publisher(publisher_settings settings, asio::io_context& loop)
    : state_(std::make_shared<state>(settings, &loop)) {}

publisher::~publisher() {
    if (state_->is_started) stop();
}

void publisher::on_request(std::function<response(const request&)> answer) {
    state_->use.answer = std::move(answer);
    state_->use.meet = {};
}
void publisher::on_visitor(std::function<void(visitor)> meet) {
    state_->use.meet = std::move(meet);
    state_->use.answer = {};
}
void publisher::on_site(std::function<void(std::string)> site) { state_->on_site = std::move(site); }
void publisher::on_news(std::function<void(std::string)> news) { state_->on_news = std::move(news); }
void publisher::on_line(std::function<void(std::string)> line) { state_->on_line = std::move(line); }
void publisher::on_end(std::function<void(const ending&)> end) { state_->on_end = std::move(end); }

void publisher::start() { state_->start(); }

ending publisher::run() {
    state_->start();
    state_->loop.run();
    return state_->how;
}

void publisher::stop() {
    asio::post(state_->loop.get_executor(), [weak = std::weak_ptr(state_)] {
        if (const auto own = weak.lock()) own->stop();
    });
}

void publisher::post(std::function<void()> what) {
    asio::post(state_->loop.get_executor(), [what = std::move(what)] { library::call(what); });
}

}  // namespace crosstalk
