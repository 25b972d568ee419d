// See reception.hpp.
#include "gateway/reception.hpp"

#include "base/base64.hpp"
#include "base/digest.hpp"
#include "base/wall_clock.hpp"
#include "gateway/login_pages.hpp"
#include "gateway/visitor_form.hpp"
#include "http/accept.hpp"
#include "http/cookie.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using net::awaitable;

namespace {

constexpr base::milliseconds longest_look{20'000}, longest_basic{60'000};

// Browsers keep a __Host- cookie to this very host, and take it over https alone.
constexpr std::string_view secure_session = "__Host-crosstalk", plain_session = "crosstalk-visitor";
constexpr std::string_view secure_login = "__Host-crosstalk-login", plain_login = "crosstalk-login";

std::string session_cookie(const arrival& a) { return std::string(a.scheme == "https" ? secure_session : plain_session); }
std::string login_cookie(const arrival& a) { return std::string(a.scheme == "https" ? secure_login : plain_login); }

void set_cookie(page& with, const arrival& a, const std::string& name, const std::string& value, std::int64_t seconds) {
    auto cookie = name + '=' + value + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds);
    if (a.scheme == "https") cookie += "; Secure";
    with.head.headers.add("Set-Cookie", std::move(cookie));
}

/// What takes anything is not one yet: git and curl do, and need to be told of HTTP Basic.
bool is_browser(const http::request_head& head) {
    const auto& headers = head.headers;
    return headers.find("Sec-Fetch-Mode") != nullptr || headers.get("User-Agent").starts_with("Mozilla/") ||
           headers.get("Accept").find("text/html") != std::string_view::npos;
}

/// Whether a page would be seen: the request is for one, and not by a script or an image.
bool wants_page(const http::request_head& head) {
    const auto mode = head.headers.get("Sec-Fetch-Mode");
    const bool is_reading = head.method == "GET" || head.method == "HEAD";
    return is_reading && is_browser(head) && http::accepts_html(head.headers.get("Accept")) && (mode.empty() || mode == "navigate");
}

/// A browser says of a form where it comes from; what says nothing is no browser.
bool is_own_form(const arrival& a) {
    const auto from = a.head.headers.get("Sec-Fetch-Site");
    if (!from.empty()) return from == "same-origin";
    const auto origin = a.head.headers.get("Origin");
    return origin.empty() || http::iequals(origin, a.scheme + "://" + a.host);
}

std::string visitor_url(const arrival& a, std::string_view to) { return a.scheme + "://" + a.host + std::string(to); }

/// The path below ours, or nothing.
std::optional<std::string_view> own_path(std::string_view target) {
    const auto path = http::split_query(target).path;
    if (!path.starts_with(visitor_path)) return std::nullopt;
    return path.substr(visitor_path.size());
}

std::string return_of(const arrival& a) {
    return safe_return(read_form(http::split_query(a.target).query)["to"]);
}

page unknown_visitor(const arrival& a) {
    const failure who{401, "This is shown to known visitors only.",
                      "Say who you are: with HTTP Basic, your XMPP address as the user, and as the password a word of your own of "
                      "8 letters and digits or more, a digit among them. Your chat client asks you to confirm, and "
                      "shows that word.", false, 0};
    auto told = wants_page(a.head) ? login_page(401, safe_return(a.target), "")
                                   : error_page(who, a.head.headers.get("Accept"));
    // A dialog of the browser's own could not say what is to be typed: it knows nothing of this scheme.
    told.head.headers.add("WWW-Authenticate", is_browser(a.head)
                                                  ? "XMPP realm=\"" + a.host + '"'
                                                  : "Basic realm=\"" + a.host + "\", charset=\"UTF-8\"");
    return told;
}

page not_admitted(const arrival& a, const std::string& user) {
    if (wants_page(a.head)) return not_admitted_page(user, safe_return(a.target));
    return error_page({403, "You are known as " + user + ", and this is not shown to you.",
                       "Ask whoever publishes it to let you in: open the page in a browser.", false, 0},
                      a.head.headers.get("Accept"));
}

page nobody_to_ask(const arrival& a) {
    return error_page(failure_of(absence::detached), a.head.headers.get("Accept"));
}

struct credentials {
    std::string jid, code;
};
/// Of HTTP Basic, as XEP-0070 (2.2) has it.
std::optional<credentials> read_basic(const http::request_head& head) {
    const auto value = head.headers.get("Authorization");
    constexpr std::string_view scheme = "Basic ";
    if (!http::iequals(value.substr(0, scheme.size()), scheme)) return std::nullopt;
    const auto pair = base::from_base64(http::trim(value.substr(scheme.size())));
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    auto code = pair->substr(colon + 1);
    const auto jid = xmpp::jid::parse(pair->substr(0, colon));
    if (!jid || jid->node().empty() || !may_be_code(code)) return std::nullopt;
    return credentials{jid->bare(), std::move(code)};
}

page too_often(const arrival& a, std::string_view to) {
    constexpr std::string_view why = "That address, or this network, has been asked too often. Try again in ten minutes.";
    auto told = wants_page(a.head) || a.head.method == "POST" ? login_page(429, to, why) : text_page(429, std::string(why) + '\n');
    told.head.headers.add("Retry-After", "600");
    return told;
}

}  // namespace

bool reception::is_needed(const http::request_head& head, const site& where, std::string_view target) {
    if (where.seen_by != visibility::everybody || target.starts_with(visitor_path)) return true;
    const auto& headers = head.headers;
    return !http::find_cookie(headers, secure_session).empty() || !http::find_cookie(headers, plain_session).empty();
}

void reception::keep_back(http::fields& headers, const welcome& given) {
    http::remove_cookies(headers, {secure_session, plain_session, plain_login});
    if (given.has_authorized) headers.remove("Authorization");
}

awaitable<welcome> reception::receive(arrival a) {
    welcome given;
    if (!a.elsewhere.empty()) {
        // Under a path there is no cookie that the neighbours would not see.
        if (a.where.seen_by != visibility::everybody)
            given.answer = notice_page(403, "Not here", "This site is for known visitors, who can be known only under its own host.", a.elsewhere);
        co_return given;
    }
    auto cookie = http::find_cookie(a.head.headers, session_cookie(a));
    const auto session = co_await visitors_.know(std::move(cookie), a.where.name);
    if (own_path(a.target)) {
        auto answer = co_await answer_own(a, session ? &*session : nullptr);
        given.answer = std::move(answer);
        co_return given;
    }
    if (session) {
        given = co_await judge(a, session->jid);
        co_return given;
    }
    if (a.where.seen_by == visibility::everybody) co_return given;
    given = co_await receive_basic(a);
    co_return given;
}

/// Whether the site is shown to `user`.
awaitable<welcome> reception::judge(arrival& a, std::string user) {
    welcome given;
    given.user = user;
    if (!visitors_.may_visit(user)) {
        given.answer = notice_page(403, "You may not visit here", "The gateway's operator has shut " + user + " out.", "/");
        co_return given;
    }
    const auto decided = co_await visitors_.admit(a.where, user);
    if (a.where.seen_by != visibility::everybody)
        given.as = is_invited(a.where, user) ? standing::guest : standing::contact;
    if (decided == visitors::admission::refused) given.answer = not_admitted(a, user);
    if (decided == visitors::admission::unknown)
        given.answer = error_page(failure_of(absence::nobody_home), a.head.headers.get("Accept"));
    co_return given;
}

// The gateway's own pages

awaitable<page> reception::answer_own(arrival& a, const visitor_session* session) {
    const auto path = *own_path(a.target);
    const bool is_post = a.head.method == "POST";
    if (is_post && !is_own_form(a))
        co_return notice_page(403, "That came from elsewhere", "This form counts only from a page of this site.", "/");
    if (!is_post && a.head.method != "GET" && a.head.method != "HEAD")
        co_return error_page(failure_of(refusal::method_not_supported), a.head.headers.get("Accept"));
    page told;
    if (path == "login" && is_post)
        told = co_await begin_login(a);
    else if (path == "login")
        told = login_page(200, return_of(a), "");
    else if (path == "login/wait" && !is_post)
        told = co_await wait_for_login(a);
    else if (path == "ask" && is_post)
        told = co_await ask_owner(a, session);
    else if (path == "logout" && is_post)
        told = co_await log_out(a, session);
    else if (path == "logout")
        told = logout_page(session != nullptr);
    else
        told = error_page(failure_of(refusal::unknown_site), a.head.headers.get("Accept"));
    co_return told;
}

awaitable<page> reception::begin_login(arrival& a) {
    auto fields = co_await receive_form(a.connection);
    const auto to = safe_return(fields["to"]);
    const auto jid = read_address(fields["jid"]);
    if (!jid) co_return login_page(400, to, "That is no XMPP address. It looks like you@example.org.");
    if (!visitors_.can_ask()) co_return nobody_to_ask(a);
    login wanted;
    wanted.jid = *jid;
    wanted.site = a.where.name;
    const auto secret = visitors_.begin_login(wanted, visitor_url(a, to), a.network);
    if (!secret) co_return too_often(a, to);
    auto told = waiting_page(*jid, visitors_.find_login(*secret)->code, to);
    set_cookie(told, a, login_cookie(a), *secret, std::chrono::duration_cast<std::chrono::seconds>(logins::patience).count());
    co_return told;
}

awaitable<page> reception::wait_for_login(arrival& a) {
    const auto to = return_of(a);
    const auto secret = http::find_cookie(a.head.headers, login_cookie(a));
    co_await visitors_.wait_for_login(secret, base::clock::now() + longest_look, a.connection);
    const auto* there = visitors_.find_login(secret);
    if (there == nullptr || there->site != a.where.name)
        co_return login_page(401, to, "Nobody has confirmed it in time. Try it again.");
    if (there->now_is == login::progress::waiting) co_return waiting_page(there->jid, there->code, to);
    if (there->now_is == login::progress::refused) co_return login_page(403, to, "The answer was no.");
    visitor_session session;
    // A browser that went away while it waited, as on a telephone where the chat client was looked at, asks once
    // more: one login is one session, however often its cookie is made.
    session.id = base::to_hex(base::digest(base::hash::sha256, secret));
    session.site = a.where.name;
    session.jid = there->jid;
    session.expires = base::seconds_since_1970() + session_.count();
    const auto cookie = co_await visitors_.make_cookie(std::move(session));
    if (cookie.empty())
        co_return notice_page(503, "Not just now", "The gateway cannot keep in mind who you are. Try again in a moment.", to);
    auto told = see_other(to);
    set_cookie(told, a, session_cookie(a), cookie, session_.count());
    set_cookie(told, a, login_cookie(a), "", 0);
    co_return told;
}

awaitable<page> reception::ask_owner(arrival& a, const visitor_session* session) {
    auto fields = co_await receive_form(a.connection);
    const auto to = safe_return(fields["to"]);
    if (session == nullptr) co_return login_page(401, to, "You are not known here any more.");
    using outcome = access_requests::outcome;
    // Where there is no such site nobody is asked, and nobody can tell.
    const auto done = a.where.owner.empty() ? outcome::asked : visitors_.ask_owner(a.where, session->jid, visitor_url(a, "/"));
    if (done != outcome::too_many) co_return asked_page(session->jid, to);
    co_return notice_page(429, "Not just now", "Whoever publishes this has been asked by too many. Try again tomorrow.", to);
}

awaitable<page> reception::log_out(arrival& a, const visitor_session* session) {
    auto fields = co_await receive_form(a.connection);
    const auto to = safe_return(fields["to"]);
    if (session != nullptr) co_await visitors_.end_session(*session);
    auto told = notice_page(200, "You are forgotten", "This site does not know any more who you are.", to);
    set_cookie(told, a, session_cookie(a), "", 0);
    co_return told;
}

// Clients that are no browsers

awaitable<welcome> reception::receive_basic(arrival& a) {
    welcome given;
    const auto said = read_basic(a.head);
    if (!said) {
        given.answer = unknown_visitor(a);
        co_return given;
    }
    // Of this network alone: from elsewhere words could be tried until one is somebody's.
    const auto digest = base::to_hex(base::digest(base::hash::sha256, a.where.name + '\n' + said->jid + '\n' + a.network +
                                                                           '\n' + said->code));
    if (!visitors_.is_basic_known(digest, base::clock::now())) {
        if (!visitors_.can_ask()) {
            given.answer = nobody_to_ask(a);
            co_return given;
        }
        const auto answered = co_await confirm_basic(a, said->jid, said->code, digest);
        if (answered == login::progress::waiting) given.answer = unknown_visitor(a);
        if (answered == login::progress::refused) given.answer = text_page(403, said->jid + " said no.\n");
        if (given.answer) co_return given;
    }
    given = co_await judge(a, said->jid);
    given.has_authorized = true;
    co_return given;
}

awaitable<login::progress> reception::confirm_basic(arrival& a, std::string jid, std::string code, std::string digest) {
    const auto deadline = base::clock::now() + longest_basic;
    const auto pending = basics_.find(digest);
    std::string secret = pending == basics_.end() ? std::string() : pending->second;
    if (secret.empty() || visitors_.find_login(secret) == nullptr) {
        login wanted;
        wanted.jid = jid;
        wanted.site = a.where.name;
        wanted.code = code;
        wanted.method = a.head.method;
        const auto begun = visitors_.begin_login(wanted, visitor_url(a, safe_return(a.target)), a.network);
        if (!begun) co_return login::progress::waiting;
        secret = *begun;
        basics_[digest] = secret;
    }
    co_await visitors_.wait_for_login(secret, deadline, a.connection);
    const auto* there = visitors_.find_login(secret);
    const auto answered = there == nullptr ? login::progress::waiting : there->now_is;
    if (answered == login::progress::confirmed) visitors_.remember_basic(digest, base::clock::now() + session_);
    std::erase_if(basics_, [this](const auto& each) { return visitors_.find_login(each.second) == nullptr; });
    co_return answered;
}

}  // namespace crosstalk::gateway
