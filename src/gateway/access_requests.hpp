// Visitors who are known and not admitted, and have asked to be: the owner gets the question in the chat client,
// and answers there.
//
// Rule 1: an answer counts only from the owner, with the code of the question.
// Rule 2: nobody is asked often: once a day for each visitor and site, so many open questions an owner.
// Rule 3: no clock, no randomness, no I/O.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "gateway/frequency.hpp"

namespace crosstalk::gateway {

struct access_request {
    std::string code;
    std::string site, owner, visitor;
    base::time_point until;
};

class access_requests {
  public:
    static constexpr base::milliseconds patience{86'400'000};
    static constexpr std::size_t most = 10'000, most_of_owner = 20;

    enum class outcome { asked, asked_before, too_many };
    [[nodiscard]] outcome begin(access_request wanted, base::time_point now);
    /// Takes the owner's open question with that code, if there is one.
    [[nodiscard]] std::optional<access_request> take(std::string_view owner, std::string_view code,
                                                     base::time_point now);
    void expire(base::time_point now);

  private:
    std::vector<access_request> open_;
    frequency of_visitor_{1, patience};
};

}  // namespace crosstalk::gateway
