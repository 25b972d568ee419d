// See asker.hpp.
#include "visit/asker.hpp"

#include "base/ids.hpp"
#include "xmpp/client_session.hpp"
#include "xmpp/services.hpp"

namespace crosstalk::visit {

using net::awaitable;
namespace asio = net::asio;
using namespace std::chrono_literals;

namespace {

xmpp::self_description describe_self() {
    xmpp::self_description self;
    self.version = CROSSTALK_VERSION;
    self.disco.identities.push_back({"client", "bot", "CrossTalk", ""});
    self.disco.features = xmpp::service_features();
    return self;
}

xmpp::client_settings session_of(const net::account& who, xmpp::jid self) {
    xmpp::client_settings out;
    out.jid = std::move(self);
    out.password = who.password;
    return out;
}

talk::exchange_settings exchange_settings() {
    talk::exchange_settings out;
    out.resumption = 30s;  // what the session asks for
    return out;
}

introduction_settings introductions_of() {
    introduction_settings out;
    out.id_prefix = base::random_id() + '-';
    return out;
}

ask::failure failure_of(welcome what, const std::string& bare) {
    switch (what) {
        case welcome::refused:
            return {403, "The publisher has not let you in: " + bare + " does not answer you.",
                    "Ask the publisher to add you to the contacts, or to let you in with --allow."};
        case welcome::unreachable:
            return {502, "The server of " + bare + " cannot be reached.",
                    "Check the address for a typing error."};
        default:
            return {503, "There is nobody there: nothing of " + bare + " answered within 10 seconds.",
                    "Check the address. The site is back as soon as its publisher's computer is.",
                    false, 30};
    }
}

}  // namespace

struct asker::state {
    state(net::executor e, net::resolver& names, const net::account& who, const xmpp::jid& self,
          net::tls_client_context tls)
        : ex(e),
          session(session_of(who, self)),
          meeting(introductions_of()),
          link(e, names, session, net::link_settings_of(who, self.domain(), std::move(tls)), events()),
          exchange(e, link, exchange_settings()),
          changed(e),
          timer(e) {}

    net::link_events events();
    void online(const xmpp::online& how);
    void offline(const error_code& error);
    void stanza(const xmpp::element& received);
    void note_presence(const xmpp::element& received);
    void flush();
    void arm_timer();
    [[nodiscard]] introductions::finding look(const introductions::search& what,
                                              const std::string& resource, const std::string& avoid);

    net::executor ex;
    xmpp::self_description description = describe_self();
    base::time_point began = base::clock::now();
    xmpp::client_session session;
    introductions meeting;
    net::xmpp_link link;
    net::exchange_link exchange;
    net::bell changed;  ///< presence, or the stream
    asio::steady_timer timer;
    bool was_lost = false;
    bool is_over = false;
    std::function<void(const std::string&)>* news = nullptr;
};

net::link_events asker::state::events() {
    net::link_events wired;
    wired.on_online = [this](const xmpp::online& how) { online(how); };
    wired.on_offline = [this](const error_code& error, const std::string& text, base::milliseconds) {
        offline(error);
        was_lost = true;
        if (news != nullptr && *news && !is_over) (*news)(text + " Trying again.");
    };
    wired.on_stanza = [this](xmpp::element&& received) { stanza(received); };
    wired.on_idle = [this] {
        exchange.on_idle();
        flush();
    };
    wired.on_writable = [this] { exchange.on_idle(); };
    return wired;
}

void asker::state::online(const xmpp::online& how) {
    meeting.online(how.resumed, session.bound_jid(), base::clock::now());
    exchange.on_online(how);
    if (std::exchange(was_lost, false) && news != nullptr && *news) (*news)("connected again");
    flush();
    changed.ring();
}

void asker::state::offline(const error_code& error) {
    meeting.offline();
    exchange.on_offline(error);
    changed.ring();
}

void asker::state::stanza(const xmpp::element& received) {
    if (exchange.receive(received)) return;
    const auto now = base::clock::now();
    if (meeting.receive(received, now)) {
        note_presence(received);
        flush();
        changed.ring();
        return;
    }
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - began);
    const auto reply = xmpp::answer(received, description, {std::chrono::system_clock::now(), uptime});
    // A queue too full for a reply: whoever asked will ask again.
    if (reply) (void)link.send(*reply);
}

void asker::state::note_presence(const xmpp::element& received) {
    const auto presence = xmpp::read_presence(received);
    if (!presence) return;
    if (presence->type == xmpp::presence_type::available) exchange.available(presence->from);
    if (presence->type == xmpp::presence_type::unavailable) exchange.unavailable(presence->from);
}

void asker::state::flush() {
    while (link.may_send()) {
        const auto next = meeting.next_stanza();
        if (!next) break;
        (void)link.send(*next);
    }
    arm_timer();
}

void asker::state::arm_timer() {
    const auto when = meeting.deadline();
    if (!when || is_over) return;
    timer.expires_at(*when);
    timer.async_wait([this](error_code error) {
        if (error) return;
        meeting.expire(base::clock::now());
        flush();
        changed.ring();
    });
}

introductions::finding asker::state::look(const introductions::search& what,
                                          const std::string& resource, const std::string& avoid) {
    using verdict = ask::presence_table::verdict;
    const auto wanted = resource.empty() ? std::string() : what.bare + '/' + resource;
    const auto judge = [&](const std::string& full) {
        const bool is_out = full == avoid || (!wanted.empty() && full != wanted);
        return is_out || !exchange.is_responsive(full) ? verdict::unresponsive : verdict::usable;
    };
    auto found = meeting.look(what, judge, base::clock::now());
    flush();
    return found;
}

// The face

asker::asker(net::executor ex, net::resolver& names, const net::account& who, xmpp::jid self,
             net::tls_client_context tls)
    : state_(std::make_unique<state>(std::move(ex), names, who, self, std::move(tls))) {
    state_->news = &on_news;
}

asker::~asker() = default;

awaitable<result<void>> asker::run() {
    const auto ended = co_await state_->link.run();
    state_->is_over = true;
    state_->timer.cancel();
    state_->changed.ring();
    co_return ended;
}

void asker::stop() {
    if (std::exchange(state_->is_over, true)) return;
    state_->meeting.farewell();
    state_->exchange.on_idle();
    state_->flush();
    state_->timer.cancel();
    state_->link.stop();
}

bool asker::is_online() const noexcept { return state_->link.is_online(); }

std::string asker::trouble() const { return state_->link.trouble(); }

awaitable<bool> asker::wait_online(base::time_point deadline) {
    while (!is_online() && !state_->is_over && base::clock::now() < deadline)
        (void)co_await state_->changed.wait(deadline);
    co_return is_online();
}

net::call asker::open(std::string full, cgi::environ_map request, bool body_follows) {
    return state_->exchange.open(std::move(full), std::move(request), body_follows);
}

void asker::note_end(const std::string& full, const talk::outcome& end) {
    if (ask::is_failure(end)) state_->meeting.failed(full, base::clock::now());
}

asker::stay::stay(asker& owner, std::string bare)
    : owner_(owner),
      bare_(std::move(bare)),
      is_admitted_(owner.state_->meeting.enter(bare_, base::clock::now())) {}

asker::stay::~stay() {
    if (!is_admitted_) return;
    owner_.state_->meeting.leave(bare_, base::clock::now());
    owner_.state_->arm_timer();
}

awaitable<ask::whereabouts> asker::stay::locate(std::string resource, std::string avoid) {
    ask::whereabouts out;
    if (!is_admitted_) {
        out.why = ask::failure_of(ask::absence::busy);
        co_return out;
    }
    const introductions::search what{bare_, base::clock::now()};
    for (;;) {
        if (!owner_.is_online()) {
            out.why = ask::failure_of(ask::absence::detached);
            co_return out;
        }
        auto found = owner_.state_->look(what, resource, avoid);
        if (found.what == welcome::found) {
            out.full = std::move(found.full);
            co_return out;
        }
        // Whoever asks in another's place takes whom there is.
        if (found.what != welcome::waiting || !avoid.empty()) {
            out.why = failure_of(found.what, bare_);
            co_return out;
        }
        (void)co_await owner_.state_->changed.wait(what.since + 2 * introductions::patience);
    }
}

}  // namespace crosstalk::visit
