// Visitors who have said who they are, and wait for their own clients to confirm it.
//
// Rule 1: an answer counts only from the JID that was asked, for the code that it was asked about.
// Rule 2: who began a login alone can end it: by a secret that no other browser has.
// Rule 3: nobody can be made to be asked often, by anybody: so many questions to one JID, of one network, to
//         one domain.
// Rule 4: no clock, no randomness, no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "gateway/frequency.hpp"

namespace crosstalk::gateway {

struct login {
    enum class progress { waiting, confirmed, refused };
    std::string secret;  ///< known to whoever began it
    std::string code;    ///< shown in the browser and in the chat client
    std::string jid;     ///< bare, prepared
    std::string site;
    base::time_point until;
    progress now_is = progress::waiting;
    std::string method = "GET";  ///< of the request that is asked about
};

class logins {
  public:
    static constexpr base::milliseconds patience{300'000};
    static constexpr std::size_t most = 10'000;

    /// How many questions one JID may be asked in ten minutes, and how many one network may begin.
    void limit(std::size_t of_jid, std::size_t of_network) noexcept {
        of_jid_.allow(of_jid);
        of_network_.allow(of_network);
    }
    /// Begins one, of a visitor from that network; false when that is one too many, or when its JID is being
    /// asked about the same code already: an answer could mean either.
    [[nodiscard]] bool begin(login begun, const std::string& network, base::time_point now);
    /// Valid until the next call that is not const. Null when there is none, or it has expired.
    [[nodiscard]] const login* find(const std::string& secret, base::time_point now) const;
    /// Whether there was one that waited for this answer.
    bool answer(std::string_view bare, std::string_view code, bool is_confirmed, base::time_point now);
    /// No to all that this JID is asked about; whether it was asked anything.
    bool refuse(std::string_view bare, base::time_point now);
    void expire(base::time_point now);
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

  private:
    [[nodiscard]] login* waiting_for(std::string_view bare, std::string_view code, base::time_point now);

    std::unordered_map<std::string, login> all_;           ///< by secret
    std::unordered_multimap<std::string, login*> by_jid_;  ///< the same: anybody's chat is looked up here
    frequency of_jid_{3, base::milliseconds(600'000)};
    frequency of_network_{10, base::milliseconds(600'000)};
    frequency of_domain_{100, base::milliseconds(60'000)};
};

/// A code as it is compared: people type it in any case, with spaces and hyphens or without.
[[nodiscard]] std::string typed_code(std::string_view text);
/// Whether a visitor may choose that code: nobody says it by accident, nobody guesses it soon, and nothing can
/// be told by it to whoever is asked.
[[nodiscard]] bool may_be_code(std::string_view text) noexcept;

}  // namespace crosstalk::gateway
