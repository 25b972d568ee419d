// A program's functions as what answers the peer's requests.
//
// Rule: what they throw ends one request, and nothing else.
#pragma once

#include <functional>

#include "crosstalk/visitor.hpp"
#include "peer/responder.hpp"

namespace crosstalk::library {

/// One of the two is set.
struct application_settings {
    std::function<response(const request&)> answer;
    std::function<void(visitor)> meet;
    std::size_t most_body = 0;  ///< bytes of a body that `answer` gets
};

class application final : public peer::responder {
  public:
    explicit application(application_settings settings) : settings_(std::move(settings)) {}

    [[nodiscard]] net::awaitable<void> serve(net::call& visitor, cgi::incoming_request request,
                                             base::tally& done) override;
    [[nodiscard]] net::awaitable<void> stop() override;

  private:
    [[nodiscard]] net::awaitable<void> converse(net::call& call, crosstalk::request asked,
                                                base::tally& done);
    [[nodiscard]] net::awaitable<void> answer(net::call& call, crosstalk::request& asked,
                                              base::tally& done);
    [[nodiscard]] net::awaitable<bool> collect(net::call& call, std::string& body);

    application_settings settings_;
};

}  // namespace crosstalk::library
