// Which contacts of an owner may see a site for contacts: asked of the owner's own program, or of the owner's
// server where that tells, and remembered for a short time.
//
// Rule 1: an answer counts only from whom was asked, under the id of the question.
// Rule 2: what is remembered is bounded, and gone when the site changes.
// Rule 3: no clock, no I/O: ids and `now` are arguments.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

class admissions {
  public:
    static constexpr base::milliseconds remembered{60'000}, patience{10'000};
    static constexpr std::size_t most = 10'000;

    /// What was said last of `jid`, if that was not long ago.
    [[nodiscard]] std::optional<bool> find(const std::string& site, const std::string& jid, base::time_point now) const;
    /// The question to `full`; nothing when there are too many already.
    [[nodiscard]] std::optional<xmpp::element> ask(std::string id, const std::string& full, const std::string& site,
                                                   const std::string& jid, base::time_point now);
    /// The question to the server of `owner`, which is whether `jid` is a contact.
    [[nodiscard]] std::optional<xmpp::element> ask_server(std::string id, const std::string& owner,
                                                          const std::string& site, const std::string& jid,
                                                          base::time_point now);
    /// Whether the stanza was an answer to one.
    bool receive(const xmpp::element& stanza, base::time_point now);
    /// Whether the question of that id has yet to be answered.
    [[nodiscard]] bool is_open(const std::string& id) const { return questions_.contains(id); }
    void give_up(const std::string& id) { questions_.erase(id); }
    /// Nothing that was said of any site counts any more.
    void forget() { verdicts_.clear(); }
    void expire(base::time_point now);

  private:
    struct question {
        std::string asked, site, jid;
        base::time_point until;
        bool is_for_roster = false;
    };
    struct verdict {
        bool is_admitted = false;
        base::time_point until;
    };
    [[nodiscard]] static std::optional<bool> verdict_of(const xmpp::element& stanza, const question& asked);

    std::unordered_map<std::string, question> questions_;  ///< by id
    std::unordered_map<std::string, verdict> verdicts_;    ///< by site and JID
};

}  // namespace crosstalk::gateway
