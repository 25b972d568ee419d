// See introductions.hpp.
#include "visit/introductions.hpp"

#include <algorithm>

#include "xmpp/jid.hpp"

namespace crosstalk::visit {

namespace {

using namespace std::chrono_literals;
using ask::dialect;

constexpr auto repeat_every = 3s;  ///< who comes online meanwhile has not heard the first one
constexpr auto others_may_answer = 500ms;
constexpr auto disco_time = 3s;
constexpr unsigned most_questions = 3;

xmpp::element question_for(const std::string& bare) {
    auto stanza = xmpp::make_presence(xmpp::presence_type::available, bare);
    stanza.add({"crosstalk", std::string{xmpp::ns::crosstalk}});
    return stanza;
}

bool is_routing_trouble(xmpp::condition what) {
    using enum xmpp::condition;
    // Servers that talk to no others, or not to that one, call it not allowed.
    return what == remote_server_not_found || what == remote_server_timeout || what == jid_malformed ||
           what == not_allowed;
}

}  // namespace

introductions::introductions(introduction_settings settings) : settings_(std::move(settings)) {}

void introductions::push(xmpp::element stanza) {
    if (is_online_) stanzas_.push_back(std::move(stanza));
}

void introductions::online(bool is_resumed, const std::string& own_full, time_point now) {
    is_online_ = true;
    own_full_ = own_full;
    if (is_resumed) return;
    for (auto& [bare, a] : peers_) {
        a.is_greeted = false;
        if (a.asked_at) greet(bare, a, now);
    }
}

void introductions::offline() {
    is_online_ = false;
    stanzas_.clear();
    table_.clear();
}

void introductions::farewell() {
    while (!peers_.empty()) forget(peers_.begin());
}

void introductions::forget(std::map<std::string, acquaintance>::iterator at) {
    if (at->second.is_greeted) push(xmpp::make_presence(xmpp::presence_type::unavailable, at->first));
    table_.remove_owner(at->first);
    peers_.erase(at);
}

bool introductions::make_room() {
    if (peers_.size() < settings_.most) return true;
    auto oldest = peers_.end();
    for (auto at = peers_.begin(); at != peers_.end(); ++at) {
        if (at->second.users > 0) continue;
        if (oldest == peers_.end() || at->second.last_used < oldest->second.last_used) oldest = at;
    }
    if (oldest == peers_.end()) return false;
    forget(oldest);
    return true;
}

bool introductions::enter(const std::string& bare, time_point now) {
    if (!peers_.contains(bare) && !make_room()) return false;
    auto& a = peers_[bare];
    ++a.users;
    a.last_used = now;
    return true;
}

void introductions::leave(const std::string& bare, time_point now) {
    const auto at = peers_.find(bare);
    if (at == peers_.end() || at->second.users == 0) return;
    --at->second.users;
    at->second.last_used = now;
}

void introductions::greet(const std::string& bare, acquaintance& a, time_point now) {
    a.is_greeted = true;
    a.repeat_at = now + repeat_every;
    push(question_for(bare));
}

void introductions::conclude(acquaintance& a, welcome what, time_point now) {
    a.asked_at.reset();
    a.refused_at.reset();
    a.told = what;
    a.told_at = now;
}

introductions::finding introductions::look(
    const search& what,
    const std::function<ask::presence_table::verdict(const std::string& full)>& judge, time_point now) {
    const auto at = peers_.find(what.bare);
    if (at == peers_.end()) return {welcome::nobody, {}};
    const auto chosen = table_.choose(what.bare, "", now, judge);
    auto& a = at->second;
    if (chosen.what == ask::presence_table::presence::found) {
        a.asked_at.reset();
        a.refused_at.reset();
        return {welcome::found, *chosen.full};
    }
    if (!a.asked_at && a.told_at >= what.since) return {a.told, {}};
    if (!a.asked_at) {
        a.asked_at = now;
        greet(what.bare, a, now);
    }
    return {};
}

// Stanzas

bool introductions::receive(const xmpp::element& stanza, time_point now) {
    if (xmpp::is_presence(stanza)) return receive_presence(stanza, now);
    return xmpp::is_response(stanza) && receive_answer(stanza);
}

bool introductions::receive_presence(const xmpp::element& stanza, time_point now) {
    const auto p = xmpp::read_presence(stanza);
    if (!p || p->from == own_full_) return false;
    const auto at = peers_.find(std::string(xmpp::bare_of(p->from)));
    if (at == peers_.end()) return false;
    if (p->type == xmpp::presence_type::available) {
        receive_available(*p, now);
    } else if (p->type == xmpp::presence_type::unavailable) {
        table_.unavailable(p->from);
    } else if (p->type == xmpp::presence_type::error) {
        receive_error(at->second, *p, now);
    }
    return true;
}

void introductions::receive_available(const xmpp::presence& p, time_point now) {
    if (xmpp::bare_of(p.from).size() == p.from.size()) return;
    auto* r = table_.available(p.from, p.priority, p.caps);
    if (r == nullptr || r->speaks == dialect::crosstalk) return;
    if (const auto known = p.caps ? caps_.find(*p.caps) : std::nullopt)
        return table_.learned(*r, *known);
    if (r->query.empty() && r->speaks == dialect::unknown && r->asked < most_questions)
        ask_disco(*r, now);
}

void introductions::receive_error(acquaintance& a, const xmpp::presence& p, time_point now) {
    if (!a.asked_at || !p.error) return;
    using enum xmpp::condition;
    const bool is_refusal = p.error->what == forbidden || p.error->what == not_authorized;
    if (is_refusal && !a.refused_at) a.refused_at = now;
    if (is_routing_trouble(p.error->what)) conclude(a, welcome::unreachable, now);
}

void introductions::ask_disco(ask::resource& r, time_point now) {
    r.query = settings_.id_prefix + std::to_string(++serial_);
    r.asked_at = now;
    ++r.asked;
    auto question = xmpp::make_iq(xmpp::iq_type::get, r.query, r.full);
    xmpp::element query("query", std::string(xmpp::ns::disco_info));
    if (r.caps) query.set("node", r.caps->node + '#' + r.caps->ver);
    question.add(std::move(query));
    push(std::move(question));
}

bool introductions::receive_answer(const xmpp::element& stanza) {
    auto* r = table_.find(stanza.attr("from"));
    if (r == nullptr || r->query.empty() || stanza.attr("id") != r->query) return false;
    const auto* query = stanza.child("query", xmpp::ns::disco_info);
    const bool is_result = stanza.attr("type") == "result" && query != nullptr;
    const auto told = is_result ? xmpp::read_disco_info(*query) : std::nullopt;
    const bool is_peer = told && told->has(xmpp::ns::crosstalk);
    const auto speaks = is_peer ? dialect::crosstalk : dialect::none;
    if (told && r->caps && xmpp::verify(*r->caps, *told)) caps_.add(*r->caps, speaks);
    table_.learned(*r, speaks);
    return true;
}

std::optional<xmpp::element> introductions::next_stanza() {
    if (stanzas_.empty()) return std::nullopt;
    std::optional<xmpp::element> first(std::move(stanzas_.front()));
    stanzas_.pop_front();
    return first;
}

// Time

std::optional<introductions::time_point> introductions::deadline() const {
    std::optional<time_point> first;
    const auto note = [&first](time_point when) {
        if (!first || when < *first) first = when;
    };
    for (const auto& [bare, a] : peers_) {
        if (a.asked_at) {
            note(std::min(*a.asked_at + patience, a.repeat_at));
            if (a.refused_at) note(*a.refused_at + others_may_answer);
            table_.for_each_of(bare, [&](const ask::resource& r) {
                if (!r.query.empty()) note(r.asked_at + disco_time);
            });
        } else if (a.users == 0) {
            note(a.last_used + settings_.idle);
        }
    }
    return first;
}

void introductions::expire(time_point now) {
    for (auto at = peers_.begin(); at != peers_.end();) {
        auto& a = at->second;
        const auto here = at++;
        if (a.asked_at && a.refused_at && now >= *a.refused_at + others_may_answer) {
            conclude(a, welcome::refused, now);
        } else if (a.asked_at && now >= *a.asked_at + patience) {
            conclude(a, welcome::nobody, now);
        } else if (a.asked_at && now >= a.repeat_at) {
            greet(here->first, a, now);
        } else if (!a.asked_at && a.users == 0 && now >= a.last_used + settings_.idle) {
            forget(here);
        }
    }
    ask_disco_again(now);
}

void introductions::ask_disco_again(time_point now) {
    table_.for_each([&](ask::resource& r) {
        if (r.query.empty() || now < r.asked_at + disco_time) return;
        if (r.asked < most_questions) {
            ask_disco(r, now);
        } else {
            r.query.clear();
        }
    });
}

}  // namespace crosstalk::visit
