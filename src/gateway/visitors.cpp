// See visitors.hpp.
#include "gateway/visitors.hpp"

#include <array>
#include <sstream>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/wall_clock.hpp"
#include "xmpp/http_auth.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using net::awaitable;

namespace {

constexpr std::size_t most_basics = 10'000;
/// What a person may write as an answer is short.
constexpr std::size_t longest_answer = 200;
/// Without what is easily taken for something else.
constexpr std::string_view code_letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

std::string random_code() {
    std::string code;
    for (int at = 0; at < 8; ++at) {
        if (at == 4) code += '-';
        code += code_letters[base::random_below(static_cast<unsigned>(code_letters.size()))];
    }
    return code;
}

/// Nothing is called any more when the wait is over.
struct watch_of {
    net::http_stream& client;
    ~watch_of() { client.watch({}); }
};

std::string login_question(const login& asked, const std::string& url) {
    return "Do you want to see " + url + " ? Your browser shows the code " + asked.code +
           ". If it does, confirm, or answer with that code. If you have not asked for this, answer: no";
}

std::string access_question(const access_request& asked, const std::string& url) {
    return asked.visitor + " would like to see " + url + " . Answer with one of these:\nyes " + asked.code + "\nno " +
           asked.code;
}

}  // namespace

visitors::visitors(net::executor ex, registrar& names, std::string domain, visitor_surroundings around)
    : names_(names), domain_(std::move(domain)), around_(std::move(around)), answered_(ex), tasks_(ex) {}

// From the component

bool visitors::receive(const xmpp::element& stanza, base::time_point now) {
    if (admissions_.receive(stanza, now)) {
        answered_.ring();
        return true;
    }
    if (const auto answer = xmpp::read_confirm_answer(stanza)) {
        if (!logins_.answer(xmpp::bare_of(answer->from), answer->id, answer->is_confirmed, now)) return false;
        answered_.ring();
        return true;
    }
    if (const auto said = xmpp::read_roster_grant(stanza)) {
        take(*said);
        return true;
    }
    return xmpp::is_message(stanza) && receive_words(stanza, now);
}

void visitors::take(const xmpp::roster_grant& said) {
    if (!grants_.take(said)) return;
    base::log(base::log_level::info, said.may_read ? "rosters may be read" : "rosters may not be read", {{"domain", said.domain}});
}

/// What a person without a client for it writes: a code; "no", "yes CODE" or "no CODE".
bool visitors::receive_words(const xmpp::element& message, base::time_point now) {
    const auto* body = message.child("body", xmpp::ns::client);
    if (body == nullptr || message.attr("type") == "error" || message.attr("type") == "groupchat") return false;
    if (body->text().size() > longest_answer) return false;
    const std::string from(xmpp::bare_of(message.attr("from")));
    std::istringstream words(body->text());
    std::string first, rest;
    words >> first;
    std::getline(words, rest);
    const bool is_no = http::iequals(first, "no"), is_yes = http::iequals(first, "yes");
    const auto code = typed_code(is_no || is_yes ? rest : first + rest);
    const bool is_answered = code.empty() ? is_no && logins_.refuse(from, now) : logins_.answer(from, code, !is_no, now);
    if (is_answered) {
        answered_.ring();
        return true;
    }
    if (code.empty() || (!is_no && !is_yes)) return false;
    auto request = requests_.take(from, code, now);
    if (!request) return false;
    tasks_.spawn(obey_owner(*std::move(request), is_yes));
    return true;
}

awaitable<void> visitors::obey_owner(access_request asked, bool is_admitted) {
    if (!is_admitted) {
        say(asked.owner, asked.visitor + " is not told anything, and does not see " + asked.site + '.');
        co_return;
    }
    site_change wanted;
    wanted.invited.push_back(asked.visitor);
    const auto why = co_await names_.change(asked.owner, asked.site, std::move(wanted));
    say(asked.owner, why ? asked.visitor + " could not be admitted: " + why->text
                         : asked.visitor + " is a guest of " + asked.site + " now.");
}

void visitors::say(const std::string& to, const std::string& body) {
    auto message = xmpp::make_message("chat", to, domain_, body);
    message.set("id", base::random_id());
    around_.send(std::move(message));
}

void visitors::expire(base::time_point now) {
    logins_.expire(now);
    admissions_.expire(now);
    requests_.expire(now);
    std::erase_if(basics_, [now](const auto& each) { return each.second <= now; });
}

awaitable<void> visitors::join() { co_await tasks_.join(); }

// Logging in

std::optional<std::string> visitors::begin_login(login wanted, const std::string& url, const std::string& network) {
    const auto secret = base::random_id();
    wanted.secret = secret;
    if (wanted.code.empty()) wanted.code = random_code();
    if (!logins_.begin(wanted, network, base::clock::now())) return std::nullopt;
    const xmpp::http_request asked{wanted.code, wanted.method, url};
    around_.send(xmpp::ask_to_confirm(wanted.jid, domain_, asked, login_question(wanted, url)));
    return secret;
}

const login* visitors::find_login(const std::string& secret) const {
    return logins_.find(secret, base::clock::now());
}

awaitable<void> visitors::wait_for_login(std::string secret, base::time_point deadline, net::http_stream& client) {
    bool is_gone = false;
    const watch_of watching{client};
    client.watch([this, &is_gone] {
        is_gone = true;
        answered_.ring();
    });
    for (;;) {
        const auto* there = find_login(secret);
        const bool is_waiting = there != nullptr && there->now_is == login::progress::waiting;
        if (!is_waiting || is_gone || base::clock::now() >= deadline) co_return;
        (void)co_await answered_.wait(deadline);
    }
}

// Being known

awaitable<void> visitors::fetch_key() {
    if (!key_.empty()) co_return;
    auto kept = co_await names_.secret("visitor-cookie");
    if (kept) key_ = *std::move(kept);
}

awaitable<std::string> visitors::make_cookie(visitor_session session) {
    co_await fetch_key();
    co_return key_.empty() ? std::string() : sign(session, key_);
}

awaitable<std::optional<visitor_session>> visitors::know(std::string cookie, std::string site) {
    if (cookie.empty()) co_return std::nullopt;
    co_await fetch_key();
    if (key_.empty()) co_return std::nullopt;
    auto session = verify(cookie, site, key_, base::seconds_since_1970());
    if (session && names_.has_ended(session->id)) session.reset();
    co_return session;
}

awaitable<void> visitors::end_session(visitor_session session) {
    // The cookie may have been made once more, as long as the login was there to be asked for.
    const auto longest = std::chrono::ceil<std::chrono::seconds>(logins::patience).count();
    const auto why = co_await names_.remember_end(session.id, session.expires + longest);
    if (why) base::log(base::log_level::warning, "a session that was ended is not remembered", {{"site", session.site}});
}

void visitors::remember_basic(const std::string& digest, base::time_point until) {
    if (basics_.size() < most_basics) basics_[digest] = until;
}

bool visitors::is_basic_known(const std::string& digest, base::time_point now) const {
    const auto at = basics_.find(digest);
    return at != basics_.end() && at->second > now;
}

// Being let in

bool visitors::may_visit(const std::string& jid) const {
    return !names_.rules().is_banned(jid) && names_.rules().find(jid, policy_key::visits).value_or(1) != 0;
}

bool visitors::may_go_on(const site& where, const open_visit& visit) const {
    const bool is_known = !visit.user.empty();
    if (is_known && !may_visit(visit.user)) return false;
    if (where.seen_by == visibility::everybody || (is_known && is_invited(where, visit.user))) return true;
    return where.seen_by == visibility::roster && visit.as == standing::contact;
}

awaitable<visitors::admission> visitors::admit(site where, std::string jid) {
    if (where.seen_by == visibility::everybody || is_invited(where, jid)) co_return admission::admitted;
    if (where.seen_by == visibility::listed) co_return admission::refused;
    auto told = admissions_.find(where.name, jid, base::clock::now());
    if (!told && grants_.may_read(where.owner)) {
        auto question = admissions_.ask_server(base::random_id(), where.owner, where.name, jid, base::clock::now());
        auto answer = co_await settle(std::move(question), where.name, jid);
        told = answer;
    }
    if (!told) {
        const auto place = co_await around_.locate(where.owner, where.name);
        if (place.full.empty()) co_return admission::unknown;
        if (!around_.may_ask(place.full)) co_return admission::refused;
        auto question = admissions_.ask(base::random_id(), place.full, where.name, jid, base::clock::now());
        auto answer = co_await settle(std::move(question), where.name, jid);
        told = answer;
    }
    if (!told) co_return admission::unknown;
    co_return *told ? admission::admitted : admission::refused;
}

awaitable<std::optional<bool>> visitors::settle(std::optional<xmpp::element> question, std::string site,
                                                std::string jid) {
    if (!question) co_return std::nullopt;
    const std::string id(question->attr("id"));
    const auto deadline = base::clock::now() + admissions::patience;
    question->set("from", domain_);
    around_.send(*std::move(question));
    while (admissions_.is_open(id) && base::clock::now() < deadline) (void)co_await answered_.wait(deadline);
    admissions_.give_up(id);
    co_return admissions_.find(site, jid, base::clock::now());
}

access_requests::outcome visitors::ask_owner(const site& where, const std::string& visitor, const std::string& url) {
    access_request wanted{random_code(), where.name, where.owner, visitor, {}};
    const auto done = requests_.begin(wanted, base::clock::now());
    if (done == access_requests::outcome::asked) say(where.owner, access_question(wanted, url));
    return done;
}

}  // namespace crosstalk::gateway
