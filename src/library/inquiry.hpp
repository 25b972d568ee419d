// One question to a peer, and its answer: both bodies streamed at the same time.
//
// Rule: neither body is held whole, but where the program wants it so, up to a size; what is not whole
//       says so.
#pragma once

#include "crosstalk/asker.hpp"
#include "talk/peer_uri.hpp"
#include "visit/asker.hpp"

namespace crosstalk::library {

class inquiry {
  public:
    /// `by` outlives this.
    inquiry(net::executor ex, visit::asker& by, question what);

    /// To be called once.
    [[nodiscard]] net::awaitable<answer> run();

  private:
    [[nodiscard]] result<cgi::environ_map> make_request() const;
    [[nodiscard]] net::awaitable<bool> log_in();
    [[nodiscard]] net::awaitable<void> ask(std::string full, cgi::environ_map request);
    [[nodiscard]] body_source make_source();
    [[nodiscard]] net::awaitable<void> send_body(net::call& call);
    [[nodiscard]] net::awaitable<void> receive(net::call& call);
    [[nodiscard]] net::awaitable<void> take_body(net::call& call);
    [[nodiscard]] bool take(std::string piece);
    void fail(unsigned status, std::string problem);
    void fail(const ask::failure& why) { fail(why.status, why.happened + ' ' + why.advice); }

    net::executor ex_;
    visit::asker& by_;
    question question_;
    talk::peer_uri where_;
    std::string method_;
    answer answer_;
    std::uint64_t got_ = 0;
    bool is_answered_ = false;  ///< the request's body matters no more
};

}  // namespace crosstalk::library
