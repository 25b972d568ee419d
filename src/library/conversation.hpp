// A visitor as the program sees it, on a call as the peer has it.
//
// Rule: once it is over it touches the call no more, whatever handles the program still holds.
#pragma once

#include <functional>
#include <string>

#include "base/request_line.hpp"
#include "crosstalk/visitor.hpp"
#include "net/call.hpp"

namespace crosstalk::library {

class conversation {
  public:
    /// `call` and `done` outlive run(), not this.
    conversation(net::call& call, request asked, base::tally& done);

    /// Tells the program what changes until it is over. It is then detached from the call.
    [[nodiscard]] net::awaitable<void> run();
    /// Ends it, as the program's own doing.
    void give_up(std::string why);
    /// No handle is left.
    void abandon();

    // As visitor has it.

    [[nodiscard]] const crosstalk::request& asked() const noexcept { return asked_; }
    [[nodiscard]] std::string read(std::size_t most);
    [[nodiscard]] bool has_read_all() const noexcept;
    bool respond(unsigned status, http::fields headers);
    [[nodiscard]] std::size_t room() const noexcept;
    [[nodiscard]] std::size_t write(std::string_view bytes);
    void finish();
    [[nodiscard]] bool is_over() const noexcept;
    void on_change(std::function<void()> changed);

  private:
    void notify();
    void detach();
    void end();

    net::call* call_;  ///< null once it is over and run() has seen it
    base::tally& done_;
    crosstalk::request asked_;
    std::function<void()> changed_;
    bool has_begun_ = false;
    bool is_ended_ = false;  ///< by the program
    bool has_read_all_ = false;
};

}  // namespace crosstalk::library
