// Where visitors are received: who they are, whether the site is shown to them, and the pages on the way.
//
// Rule 1: what was said to the gateway stays here: its cookies, and an Authorization that it has taken.
// Rule 2: a page for one site says nothing about another; whoever is unknown learns nothing about a site but that
//         it asks who they are.
// Rule 3: a form counts only when it comes from this site's own pages.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gateway/asking.hpp"
#include "gateway/visitors.hpp"
#include "net/http_stream.hpp"

namespace crosstalk::gateway {

/// A request for a site.
struct arrival {
    net::http_stream& connection;
    const http::request_head& head;
    site where;
    std::string target;   ///< origin-form
    std::string host;     ///< as the client wrote it, with its port
    std::string scheme;   ///< that the client used
    std::string network;  ///< of the client
    std::string elsewhere;  ///< the site's address under a host of its own, where this is not one; else ""
};

struct welcome {
    std::optional<page> answer;      ///< instead of the site's
    std::string user;                ///< bare JID of the visitor, or "" when nobody has said who it is
    standing as = standing::anybody; ///< let in
    bool has_authorized = false;     ///< the request's Authorization was meant for us
};

class reception {
  public:
    /// `known` must outlive this. `session`: how long a visitor stays known.
    reception(visitors& known, std::chrono::seconds session) : visitors_(known), session_(session) {}
    void configure(std::chrono::seconds session) { session_ = session; }

    /// Whether there is anything to find out: most requests are anybody's.
    [[nodiscard]] static bool is_needed(const http::request_head& head, const site& where, std::string_view target);
    [[nodiscard]] net::awaitable<welcome> receive(arrival a);
    /// Takes out of a request what only the gateway needs to see.
    static void keep_back(http::fields& headers, const welcome& given);

  private:
    [[nodiscard]] net::awaitable<welcome> judge(arrival& a, std::string user);
    [[nodiscard]] net::awaitable<page> answer_own(arrival& a, const visitor_session* session);
    [[nodiscard]] net::awaitable<page> begin_login(arrival& a);
    [[nodiscard]] net::awaitable<page> wait_for_login(arrival& a);
    [[nodiscard]] net::awaitable<page> ask_owner(arrival& a, const visitor_session* session);
    [[nodiscard]] net::awaitable<page> log_out(arrival& a, const visitor_session* session);
    [[nodiscard]] net::awaitable<welcome> receive_basic(arrival& a);
    [[nodiscard]] net::awaitable<login::progress> confirm_basic(arrival& a, std::string jid, std::string code,
                                                                std::string digest);

    visitors& visitors_;
    std::chrono::seconds session_;
    std::map<std::string, std::string> basics_;  ///< digest -> secret, of those that wait
};

}  // namespace crosstalk::gateway
