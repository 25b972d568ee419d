// See direct_access.hpp.
#include "peer/direct_access.hpp"

#include "base/console.hpp"
#include "base/ids.hpp"
#include "net/backoff.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::peer {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_time = 20s;
constexpr base::milliseconds first_pause = 500ms, longest_pause = 60s;
constexpr auto proven_after = 30s;  ///< a stream that lasted so long starts the pauses anew

/// Whether an error means that asking again soon is of no use. Servers answer for a gateway that is
/// away.
bool is_lasting(const xmpp::stanza_error& error) {
    return error.what == xmpp::condition::feature_not_implemented ||
           error.what == xmpp::condition::forbidden;
}

}  // namespace

direct_access::direct_access(net::executor ex, net::resolver& names, net::tls_client_context tls,
                             direct_access_settings settings)
    : ex_(std::move(ex)),
      names_(names),
      tls_(std::move(tls)),
      settings_(std::move(settings)),
      news_(ex_) {}

// What the XMPP side tells

void direct_access::meet() {
    is_known_ = is_met_ = is_urgent_ = true;
    is_refused_ = false;
    news_.ring();
}

void direct_access::meet_again() {
    if (is_known_) meet();
}

void direct_access::offline() {
    is_met_ = false;
    question_.clear();
    news_.ring();
}

void direct_access::stop() {
    is_stopped_ = true;
    if (link_) link_->close(http::closed_going_away, talk::end_kind::given_up, "the peer stops");
    news_.ring();
}

bool direct_access::receive(const xmpp::element& stanza) {
    const bool is_ours = !question_.empty() && stanza.attr("id") == question_ &&
                         xmpp::is_response(stanza) && stanza.attr("from") == settings_.rules.gateway;
    if (!is_ours) return false;
    question_.clear();
    news_.ring();
    if (const auto error = xmpp::read_error(stanza)) {
        is_refused_ = is_lasting(*error);
        const auto said = error->text.empty() ? std::string(to_string(error->what)) : error->text;
        fail("it offers none: " + said);
        return true;
    }
    const auto* offer = stanza.child("direct", xmpp::ns::crosstalk);
    std::string problem = "its answer makes no sense";
    if (offer != nullptr) offer_ = read_direct_offer(*offer, settings_.rules, problem);
    if (!offer_) fail(std::move(problem));
    return true;
}

// The stream

net::awaitable<void> direct_access::run() {
    net::backoff pauses(first_pause, longest_pause);
    while (!is_stopped_) {
        if (!is_met_ || is_refused_) {
            (void)co_await news_.wait(base::time_point::max());
            continue;
        }
        is_urgent_ = false;
        const auto began = base::clock::now();
        const bool was_up = co_await connect_once();
        if (was_up && base::clock::now() - began > proven_after) pauses.reset();
        const auto until = base::clock::now() + pauses.next(base::random_below);
        while (!is_stopped_ && is_met_ && !is_urgent_ && base::clock::now() < until)
            (void)co_await news_.wait(until);
    }
    is_over_ = true;
}

net::awaitable<bool> direct_access::connect_once() {
    const auto place = co_await ask();
    if (!place || is_stopped_) co_return false;
    std::string trouble;
    auto opened = co_await net::open_websocket(names_, tls_, *place, trouble);
    if (!opened) {
        fail(trouble + ": " + opened.error().message());
        co_return false;
    }
    if (is_stopped_) co_return false;
    co_await carry(std::move(*opened));
    co_return true;
}

net::awaitable<std::optional<net::websocket_place>> direct_access::ask() {
    offer_.reset();
    question_ = settings_.id_prefix + std::to_string(++serial_);
    auto iq = xmpp::make_iq(xmpp::iq_type::get, question_, settings_.rules.gateway);
    iq.add({"direct", std::string{xmpp::ns::crosstalk}});
    if (!send(iq)) question_.clear();
    const auto until = base::clock::now() + answer_time;
    while (!question_.empty() && !is_stopped_ && base::clock::now() < until)
        (void)co_await news_.wait(until);
    question_.clear();
    auto place = std::exchange(offer_, std::nullopt);
    co_return place;
}

net::awaitable<void> direct_access::carry(net::opened_websocket opened) {
    net::direct_link_settings settings;
    settings.role = http::websocket_role::client;
    settings.exchange = settings_.exchange;
    link_ = std::make_unique<net::direct_link>(ex_, std::move(opened.stream),
                                               std::move(opened.received), std::move(settings));
    link_->on_request = on_request;
    told_.clear();
    tell("requests come over a direct stream now");
    const auto why = co_await link_->run();
    link_.reset();
    if (!is_stopped_) fail(why);
}

/// Says once what keeps the stream from being up.
void direct_access::fail(std::string why) {
    if (is_stopped_ || why == told_) return;
    told_ = std::move(why);
    // Whoever does not insist on it need not know that a gateway has none to offer.
    if (is_refused_ && !settings_.is_required) return;
    const auto meanwhile = settings_.is_required
                               ? "requests are refused until there is one (--direct require)"
                               : "requests come in band";
    tell("no direct stream: " + base::printable(told_, 300) + "; " + meanwhile);
}

void direct_access::tell(const std::string& what) {
    on_news("the gateway " + base::printable(settings_.rules.gateway) + ": " + what);
}

}  // namespace crosstalk::peer
