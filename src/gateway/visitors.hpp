// Visitors as the XMPP side knows them: who they are is asked of their own clients, whether they are let in of
// the owner's program, and the owner may be asked for more.
//
// Rule 1: what decides is in logins, admissions and access_requests; this class carries between them, the
//         component and whoever waits.
// Rule 2: every wait has an end.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "ask/errand.hpp"
#include "gateway/access_requests.hpp"
#include "gateway/admissions.hpp"
#include "gateway/logins.hpp"
#include "gateway/open_visits.hpp"
#include "gateway/registrar.hpp"
#include "gateway/roster_grants.hpp"
#include "gateway/visitor_cookie.hpp"
#include "net/http_stream.hpp"

namespace crosstalk::gateway {

/// What visitors need of the component.
struct visitor_surroundings {
    std::function<void(xmpp::element)> send;
    std::function<bool()> is_attached;
    /// The resource of an owner to ask, if it speaks CrossTalk; waits while presence is being found out.
    std::function<net::awaitable<ask::whereabouts>(std::string owner, std::string site)> locate;
    std::function<bool(const std::string& full)> may_ask;
};

class visitors {
  public:
    /// `names` must outlive this.
    visitors(net::executor ex, registrar& names, std::string domain, visitor_surroundings around);

    /// Whether the stanza was this class's business; then it is dealt with.
    bool receive(const xmpp::element& stanza, base::time_point now);
    /// Sites or rules have changed.
    void sites_changed() { admissions_.forget(); }
    /// The stream to the server has ended; what is granted is said anew on the next one.
    void detached() { grants_.forget(); }
    void expire(base::time_point now);
    /// Until what is being done has been done.
    [[nodiscard]] net::awaitable<void> join();

    // Logging in

    void limit_logins(std::size_t of_jid, std::size_t of_network) noexcept { logins_.limit(of_jid, of_network); }
    /// Asks the JID's client about a request for `url`; nothing when it, or that network, has been asked often
    /// enough. `code`: "" for a new one. The secret of the login.
    [[nodiscard]] std::optional<std::string> begin_login(login wanted, const std::string& url,
                                                         const std::string& network);
    [[nodiscard]] const login* find_login(const std::string& secret) const;
    /// Whether a question would be sent at all.
    [[nodiscard]] bool can_ask() const { return around_.is_attached(); }
    /// Waits until the login has been answered, at most until `deadline`, and no longer than the client does.
    [[nodiscard]] net::awaitable<void> wait_for_login(std::string secret, base::time_point deadline,
                                                      net::http_stream& client);

    // Being known

    /// "" while the registry cannot be read.
    [[nodiscard]] net::awaitable<std::string> make_cookie(visitor_session session);
    /// Who the visitor of `site` is by that cookie.
    [[nodiscard]] net::awaitable<std::optional<visitor_session>> know(std::string cookie, std::string site);
    [[nodiscard]] net::awaitable<void> end_session(visitor_session session);
    /// Remembers that a transaction of HTTP Basic was confirmed, and whether one was.
    void remember_basic(const std::string& digest, base::time_point until);
    [[nodiscard]] bool is_basic_known(const std::string& digest, base::time_point now) const;

    // Being let in

    enum class admission { admitted, refused, unknown };
    /// Whether `jid` may see the site; unknown when there is nobody to tell.
    [[nodiscard]] net::awaitable<admission> admit(site where, std::string jid);
    [[nodiscard]] bool may_visit(const std::string& jid) const;
    /// Whether a visitor who was let in may go on. Contacts may, since nobody has been asked about them anew.
    [[nodiscard]] bool may_go_on(const site& where, const open_visit& visit) const;
    /// Asks the owner to admit the visitor.
    [[nodiscard]] access_requests::outcome ask_owner(const site& where, const std::string& visitor,
                                                     const std::string& url);

  private:
    bool receive_words(const xmpp::element& message, base::time_point now);
    [[nodiscard]] net::awaitable<void> obey_owner(access_request asked, bool is_admitted);
    void say(const std::string& to, const std::string& body);
    void take(const xmpp::roster_grant& said);
    /// Sends what admissions_ wants to know, and waits for what is then known of `jid`.
    [[nodiscard]] net::awaitable<std::optional<bool>> settle(std::optional<xmpp::element> question, std::string site,
                                                             std::string jid);
    [[nodiscard]] net::awaitable<void> fetch_key();

    registrar& names_;
    std::string domain_;
    visitor_surroundings around_;
    logins logins_;
    admissions admissions_;
    roster_grants grants_;
    access_requests requests_;
    std::unordered_map<std::string, base::time_point> basics_;
    std::string key_;  ///< "" until it is first needed
    net::bell answered_;
    net::task_group tasks_;
};

}  // namespace crosstalk::gateway
