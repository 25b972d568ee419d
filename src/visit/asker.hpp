// Our place on XMPP when we ask other peers: the client's stream, the exchange over it, and presence to
// those whom we ask.
//
// Rule: who decides is introductions and talk::exchange; this class carries between them and the link.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ask/errand.hpp"
#include "net/account.hpp"
#include "net/exchange_link.hpp"
#include "visit/introductions.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::visit {

class asker {
  public:
    /// Logs in as `self`; a bare JID gets a resource from the server. `names` must outlive this.
    asker(net::executor ex, net::resolver& names, const net::account& who, xmpp::jid self,
          net::tls_client_context tls);
    ~asker();

    /// What to say when the stream is lost, or back.
    std::function<void(const std::string& text)> on_news;

    /// Keeps the stream up until stop(), or until a login fails in a way that trying again does not
    /// mend.
    [[nodiscard]] net::awaitable<result<void>> run();
    /// Says goodbye and closes the stream in order.
    void stop();
    [[nodiscard]] bool is_online() const noexcept;
    /// Why it is not online, in words.
    [[nodiscard]] std::string trouble() const;
    /// Waits until it is online, or run() has ended, or `deadline`; whether it is online.
    [[nodiscard]] net::awaitable<bool> wait_online(base::time_point deadline);

    /// Keeps a peer's presence with us, and ours with it, while it lives. The asker must outlive it.
    class stay {
      public:
        stay(asker& owner, std::string bare);
        stay(const stay&) = delete;
        stay& operator=(const stay&) = delete;
        ~stay();
        /// The resource to ask now: `resource` alone unless that is "", and not `avoid`.
        [[nodiscard]] net::awaitable<ask::whereabouts> locate(std::string resource, std::string avoid);

      private:
        asker& owner_;
        std::string bare_;
        bool is_admitted_;
    };

    [[nodiscard]] net::call open(std::string full, cgi::environ_map request, bool body_follows);
    /// How a transaction with `full` ended.
    void note_end(const std::string& full, const talk::outcome& end);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::visit
