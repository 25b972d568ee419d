// A reverse proxy: a visitor's request goes to a local app, the app's answer comes back, both streamed.
//
// Rule 1: backpressure both ways: nothing is read from one side that the other has no room for.
// Rule 2: when the visitor's transaction ends, the connection to the app ends at once.
// Rule 3: an answer that the app did not finish ends in a shutdown, never as if it were whole.
// Rule 4: what has come of an answer goes on at once, compressed or not.
// Rule 5: no deadline for the app's answer: how long a visitor waits is the gateway's decision.
#pragma once

#include "net/http_client.hpp"
#include "peer/compression.hpp"
#include "peer/responder.hpp"
#include "peer/settings.hpp"

namespace crosstalk::peer {

class reverse_proxy final : public responder {
  public:
    /// `names` must outlive it. stop() before the end.
    reverse_proxy(net::executor ex, net::resolver& names, http_target app, net::tls_client_context tls,
                  compressor compressing);

    [[nodiscard]] net::awaitable<void> serve(net::call& visitor, cgi::incoming_request request,
                                             base::tally& done) override;
    [[nodiscard]] net::awaitable<void> stop() override;

  private:
    struct passage;  ///< one request on its way

    [[nodiscard]] net::awaitable<void> download_beside_upload(passage& p);
    static void notice_visitor(passage& p);
    [[nodiscard]] static net::awaitable<void> upload(passage& p);
    [[nodiscard]] net::awaitable<void> download(passage& p);
    [[nodiscard]] net::awaitable<void> download_body(passage& p);
    [[nodiscard]] net::awaitable<void> carry_websocket(passage& p);
    [[nodiscard]] static bool is_gone(const passage& p);
    [[nodiscard]] static net::awaitable<bool> pass_on(passage& p, std::string_view piece);
    [[nodiscard]] net::awaitable<void> tell(net::call& visitor, const cgi::incoming_request& request,
                                            std::string text, base::tally& done);
    [[nodiscard]] std::string unreachable_text(error_code why) const;

    net::executor ex_;
    http_target app_;
    net::http_client client_;
    compressor compressing_;
};

}  // namespace crosstalk::peer
