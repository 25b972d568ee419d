// One lookup's c-ares channel on the event loop. Short-lived on purpose: a laptop changes its network,
// and each channel reads the system's configuration anew.
//
// Rule 1: every question ends: with an answer, an error, or when the channel goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/dial.hpp"

namespace crosstalk::net {

class dns_channel {
  public:
    /// What has been asked and what came back.
    template <class Answer>
    struct question {
        bool is_done = false;
        error_code error;  ///< none with an empty answer: there are no such records
        std::vector<Answer> answer;
    };

    /// `servers`: comma-separated, "" = the system's.
    [[nodiscard]] static result<dns_channel> open(const executor& ex, const std::string& servers);
    dns_channel(dns_channel&&) noexcept = default;
    dns_channel& operator=(dns_channel&&) = delete;
    ~dns_channel();

    /// The questions must outlive the channel.
    void ask_srv(const std::string& name, question<resolver::srv_record>& q);
    void ask_addresses(const std::string& host, question<std::string>& q);
    /// The texts of TXT records, each of its pieces joined (RFC 7208, 3.3).
    void ask_texts(const std::string& name, question<std::string>& q);
    /// Waits until something has been answered; false after `deadline`.
    [[nodiscard]] awaitable<bool> wait(base::time_point deadline);

    struct state;

  private:
    explicit dns_channel(std::shared_ptr<state> s);
    std::shared_ptr<state> state_;  ///< shared with the completion handlers of its sockets and timer
};

}  // namespace crosstalk::net
