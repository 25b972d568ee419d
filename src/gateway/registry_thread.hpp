// The registry on a thread of its own: whoever asks waits for a disk or a database's server, the gateway
// does not.
//
// Rule 1: questions are answered one after the other, in their order, each on that thread.
// Rule 2: a question owns what it needs; only values cross. Who asks is resumed on the loop's thread, and
//         not cancelled in between: every question ends in bounded time.
#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <type_traits>
#include <utility>

#include "gateway/registry.hpp"
#include "net/asio.hpp"

namespace crosstalk::gateway {

class registry_thread {
  public:
    registry_thread(net::executor home, registry kept) : home_(std::move(home)), kept_(std::move(kept)) {}
    registry_thread(const registry_thread&) = delete;
    registry_thread& operator=(const registry_thread&) = delete;
    ~registry_thread() { thread_.join(); }

    /// What `question` (result<T>(registry&)) answers. Nobody may wait any more when this is destroyed.
    template <class Question>
    [[nodiscard]] net::awaitable<std::invoke_result_t<Question, registry&>> ask(Question question) {
        using answer = std::invoke_result_t<Question, registry&>;
        return net::asio::async_initiate<const net::asio::use_awaitable_t<>, void(answer)>(
            [this](auto done, Question asked) {
                // Keeps the loop running until the answer is there, and is let go of on the loop's thread.
                auto awaited = net::asio::prefer(home_, net::asio::execution::outstanding_work.tracked);
                net::asio::post(thread_, [this, awaited, done = std::move(done), asked = std::move(asked)]() mutable {
                    auto told = asked(kept_);
                    net::asio::post(home_, [awaited = std::move(awaited), done = std::move(done),
                                            told = std::move(told)]() mutable { std::move(done)(std::move(told)); });
                });
            },
            net::asio::use_awaitable, std::move(question));
    }
    /// The same for who can wait: only before the first ask().
    template <class Question>
    [[nodiscard]] auto ask_now(Question question) {
        return question(kept_);
    }

  private:
    net::executor home_;
    registry kept_;
    net::asio::thread_pool thread_{1};
};

}  // namespace crosstalk::gateway
