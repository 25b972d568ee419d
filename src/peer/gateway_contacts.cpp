// Subscriptions, presence and <sites/>, one contact per configured gateway.
#include "peer/gateway_contacts.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "http/syntax.hpp"
#include "talk/served_sites.hpp"
#include "xmpp/data_form.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::peer {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_time = 30s;
// Two sides that answer each other's presence would never stop.
constexpr auto announce_pause = 2s;
constexpr std::size_t most_sites = 64;
constexpr std::size_t longest_url = 2048;

bool is_web_address(std::string_view url) {
    return url.size() <= longest_url && http::is_visible(url) &&
           (url.starts_with("https://") || url.starts_with("http://"));
}

base::milliseconds pause_after(unsigned failures) {
    return base::milliseconds{1000} * (1u << std::min(failures, 5u)) / 2;
}

std::string trouble_of(const xmpp::element& stanza) {
    const auto error = xmpp::read_error(stanza);
    if (!error) return "an answer that makes no sense";
    std::string text{xmpp::to_string(error->what)};
    if (http::is_field_value(error->text) && !error->text.empty()) text += " (" + error->text + ')';
    return text;
}

/// Whether an error to <sites/> means that we have nothing there, not that nobody is there.
bool is_refusal(xmpp::condition what) {
    using enum xmpp::condition;
    return what == item_not_found || what == forbidden || what == not_authorized ||
           what == not_allowed || what == registration_required;
}

/// Whether an error to a registration is the gateway's last word.
bool is_final(const xmpp::stanza_error& error) {
    return error.type != xmpp::error_type::wait && error.what != xmpp::condition::remote_server_not_found &&
           error.what != xmpp::condition::internal_server_error;
}

/// Whether the gateway knows no registration at all.
bool is_unknown(xmpp::condition what) {
    return what == xmpp::condition::service_unavailable || what == xmpp::condition::feature_not_implemented;
}

}  // namespace

gateway_contacts::gateway_contacts(contact_settings settings) : settings_(std::move(settings)) {
    for (const auto& domain : settings_.gateways) {
        contacts_.emplace_back();
        contacts_.back().domain = domain;
    }
}

gateway_contacts::contact* gateway_contacts::find(std::string_view jid) {
    const auto found = std::ranges::find(contacts_, xmpp::domain_of(jid), &contact::domain);
    return found == contacts_.end() ? nullptr : &*found;
}

std::string gateway_contacts::next_id() { return settings_.id_prefix + std::to_string(++serial_); }

void gateway_contacts::online(bool is_resumed, base::time_point now) {
    is_online_ = true;
    if (!is_resumed) show({}, {});
    for (auto& c : contacts_) {
        c.failures = 0;
        if (!is_resumed) announce(c, now);
        if (!c.is_known) ask(c, now);
    }
}

void gateway_contacts::offline() {
    is_online_ = false;
    stanzas_.clear();
    for (auto& c : contacts_) {
        c.question.clear();
        if (std::exchange(c.is_claiming, false)) c.has_claimed = false;
        c.ask_at.reset();
        c.announce_at.reset();
    }
}

void gateway_contacts::leave() {
    for (const auto& c : contacts_) {
        stanzas_.push_back(xmpp::make_presence(xmpp::presence_type::unavailable, c.domain));
    }
    stanzas_.push_back(xmpp::make_presence(xmpp::presence_type::unavailable));
}

void gateway_contacts::announce(contact& c, base::time_point now) {
    c.announce_at.reset();
    c.announced = now;
    show(c.domain, {settings_.name});
}

/// Which site it is for is between the gateway and us: all contacts see what our server is shown.
void gateway_contacts::show(const std::string& to, const std::vector<std::string>& sites) {
    auto presence = settings_.here.to(to);
    if (!settings_.name.empty()) presence.add(talk::to_served_sites(sites));
    stanzas_.push_back(std::move(presence));
}

void gateway_contacts::ask(contact& c, base::time_point now) {
    c.question = next_id();
    c.is_claiming = false;
    c.ask_at = now + answer_time;
    auto iq = xmpp::make_iq(xmpp::iq_type::get, c.question, c.domain);
    iq.add({"sites", std::string{xmpp::ns::crosstalk}});
    stanzas_.push_back(std::move(iq));
}

void gateway_contacts::ask_later(contact& c, const std::string& trouble, base::time_point now) {
    c.question.clear();
    c.ask_at = now + pause_after(++c.failures);
    if (c.trouble != trouble) {
        events_.push_back({contact_event::kind::unreachable, c.domain, {}, trouble, {}});
    }
    c.trouble = trouble;
}

void gateway_contacts::claim(contact& c, base::time_point now) {
    c.question = next_id();
    c.is_claiming = c.has_claimed = true;
    c.ask_at = now + answer_time;
    xmpp::data_form form;
    form.type = "submit";
    form.fields = {{"FORM_TYPE", "hidden", {std::string(xmpp::ns::registration)}},
                   {"name", "", {settings_.name}}};
    if (!settings_.visibility.empty()) form.fields.push_back({"visibility", "", {settings_.visibility}});
    auto iq = xmpp::make_iq(xmpp::iq_type::set, c.question, c.domain);
    auto& query = iq.add({"query", std::string(xmpp::ns::registration)});
    query.add(xmpp::to_element(form));
    stanzas_.push_back(std::move(iq));
}

void gateway_contacts::answer_claim(contact& c, const xmpp::element& stanza, base::time_point now) {
    const auto error = xmpp::read_error(stanza);
    if (!error) return ask(c, now);
    if (!is_final(*error)) {
        c.has_claimed = false;
        return ask_later(c, trouble_of(stanza), now);
    }
    auto reason = is_unknown(error->what) ? std::string() : trouble_of(stanza);
    events_.push_back({contact_event::kind::refused, c.domain, {}, c.others, std::move(reason)});
}

void gateway_contacts::take_sites(contact& c, const xmpp::element& sites, base::time_point now) {
    contact_event up{contact_event::kind::site_up, c.domain, {}, {}, {}};
    std::string& others = c.others;
    others.clear();
    for (const auto& site : sites.children()) {
        const auto url = site.attr("url");
        if (!site.is("site", xmpp::ns::crosstalk) || !is_web_address(url)) continue;
        if (up.urls.size() == most_sites) break;
        if (settings_.name.empty() || site.attr("name") == settings_.name) {
            up.urls.emplace_back(url);
        } else if (others.size() < longest_url) {
            others.append(others.empty() ? "" : " ").append(url);
        }
    }
    c.trouble.clear();
    if (up.urls.empty() && c.was_up) return accept_loss(c);
    if (up.urls.empty() && !settings_.name.empty() && !c.has_claimed) return claim(c, now);
    if (up.urls.empty()) {
        events_.push_back({contact_event::kind::refused, c.domain, {}, others, {}});
        return;
    }
    c.is_known = c.was_up = true;
    if (!std::exchange(c.is_doubted, false)) events_.push_back(std::move(up));
}

void gateway_contacts::accept_loss(contact& c) {
    if (std::exchange(c.is_doubted, false))
        events_.push_back({contact_event::kind::withdrawn, c.domain, {}, {}, {}});
}

void gateway_contacts::answer_question(contact& c, const xmpp::element& stanza, base::time_point now) {
    c.question.clear();
    c.ask_at.reset();
    if (c.is_claiming) return answer_claim(c, stanza, now);
    const auto* sites = stanza.child("sites", xmpp::ns::crosstalk);
    if (stanza.attr("type") == "result" && sites != nullptr) {
        c.failures = 0;
        take_sites(c, *sites, now);
        return;
    }
    const auto error = xmpp::read_error(stanza);
    if (error && is_refusal(error->what) && c.was_up) return accept_loss(c);
    if (error && is_refusal(error->what)) {
        events_.push_back({contact_event::kind::refused, c.domain, {}, {}, {}});
        return;
    }
    ask_later(c, trouble_of(stanza), now);
}

/// Subscribes to every gateway that the roster does not show as subscribed to, and approves its
/// subscription beforehand (RFC 6121, 3.4): then it is not the owner's other clients that are asked.
void gateway_contacts::complete(const roster& contacts) {
    using enum xmpp::presence_type;
    for (const auto& c : contacts_) {
        if (!contacts.sees_us(c.domain)) stanzas_.push_back(xmpp::make_presence(subscribed, c.domain));
        if (!contacts.is_seen(c.domain)) stanzas_.push_back(xmpp::make_presence(subscribe, c.domain));
    }
}

bool gateway_contacts::receive(const xmpp::element& stanza, base::time_point now) {
    if (xmpp::is_presence(stanza)) return receive_presence(stanza, now);
    return xmpp::is_iq(stanza) && receive_iq(stanza, now);
}

bool gateway_contacts::receive_iq(const xmpp::element& stanza, base::time_point now) {
    const auto from = stanza.attr("from");
    const auto id = stanza.attr("id");
    if (xmpp::is_request(stanza)) return false;
    const auto asked = std::ranges::find(contacts_, from, &contact::domain);
    if (asked == contacts_.end() || asked->question.empty() || id != asked->question) return false;
    answer_question(*asked, stanza, now);
    return true;
}

bool gateway_contacts::receive_presence(const xmpp::element& stanza, base::time_point now) {
    const auto presence = xmpp::read_presence(stanza);
    contact* const c = presence ? find(presence->from) : nullptr;
    if (c == nullptr) return false;
    const auto asker = xmpp::bare_of(presence->from);
    switch (presence->type) {
        case xmpp::presence_type::subscribe:
            stanzas_.push_back(xmpp::make_presence(xmpp::presence_type::subscribed, asker));
            break;
        case xmpp::presence_type::unsubscribe:
            stanzas_.push_back(xmpp::make_presence(xmpp::presence_type::unsubscribed, asker));
            doubt(*c, now);
            break;
        case xmpp::presence_type::available:
        case xmpp::presence_type::probe:
            if (!c->announce_at) c->announce_at = std::max(now, c->announced + announce_pause);
            if (!c->is_known && c->question.empty()) ask(*c, now);
            if (c->is_known && !c->trouble.empty()) {
                c->trouble.clear();
                events_.push_back({contact_event::kind::back, c->domain, {}, {}, {}});
            }
            expire(now);
            break;
        case xmpp::presence_type::unavailable:
            if (c->is_known && c->trouble.empty()) {
                c->trouble = "it has gone offline";
                events_.push_back({contact_event::kind::unreachable, c->domain, {}, c->trouble, {}});
            }
            break;
        case xmpp::presence_type::subscribed:
        case xmpp::presence_type::unsubscribed:
        case xmpp::presence_type::error:
            break;  // the answer to <sites/> tells whether it is there
    }
    return true;
}

/// A gateway takes leave of those who have no site there any more. A name that was taken from us is not
/// registered once more.
void gateway_contacts::doubt(contact& c, base::time_point now) {
    if (!c.is_known) return;
    c.is_known = false;
    c.is_doubted = c.has_claimed = true;
    ask(c, now);
}

std::optional<xmpp::element> gateway_contacts::next_stanza() {
    if (stanzas_.empty()) return std::nullopt;
    auto stanza = std::move(stanzas_.front());
    stanzas_.pop_front();
    return stanza;
}

std::optional<contact_event> gateway_contacts::poll() {
    if (events_.empty()) return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::optional<base::time_point> gateway_contacts::deadline() const {
    std::optional<base::time_point> first;
    for (const auto& c : contacts_) {
        for (const auto& when : {c.ask_at, c.announce_at}) {
            if (when && (!first || *when < *first)) first = when;
        }
    }
    return first;
}

void gateway_contacts::expire(base::time_point now) {
    if (!is_online_) return;
    for (auto& c : contacts_) {
        if (c.announce_at && *c.announce_at <= now) announce(c, now);
        if (!c.ask_at || *c.ask_at > now) continue;
        if (c.question.empty()) {
            ask(c, now);
        } else {
            if (c.is_claiming) c.has_claimed = false;
            ask_later(c, "no answer", now);
        }
    }
}

}  // namespace crosstalk::peer
