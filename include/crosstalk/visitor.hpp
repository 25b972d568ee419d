// A request in the middle of being answered, for programs that want more than "request in, response
// out": bodies in pieces both ways at once, answers that come later, answers that never end.
//
// Rule 1: bodies are never held whole. Up to 256 KiB wait in each direction; when you do not read, the
//         visitor is made to wait, and when the visitor does not, write() takes no more.
// Rule 2: a visitor is a handle: copies are the same visitor. While it is not over, somebody must hold
//         one: when the last is let go of, the visitor is told 500, or that the answer is cut off.
// Rule 3: all of it belongs to the loop's thread, its end included; publisher::post() brings you there.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "crosstalk/request.hpp"

namespace crosstalk {

namespace library {
class conversation;
}

class visitor {
  public:
    /// For the library: visitors come from publisher::on_visitor().
    explicit visitor(std::shared_ptr<library::conversation> about);

    /// What is asked; its `body` is empty. Valid as long as this handle.
    [[nodiscard]] const crosstalk::request& request() const noexcept;

    /// Up to `most` bytes of the body that have come, "" when none have. The visitor may then send as
    /// many more.
    [[nodiscard]] std::string read(std::size_t most = std::string::npos);
    /// Whether the body has come to its end and all of it has been read. Never true after is_over()
    /// where it was not before: a body cut short is not whole.
    [[nodiscard]] bool has_read_all() const noexcept;

    /// Begins the answer; once. It may begin before the body has been read, which need not be. What
    /// HTTP does not allow makes a 500 of it, and the visitor is over. Returns whether it has begun.
    bool respond(unsigned status, http::fields headers = {});
    /// Bytes that write() would take now.
    [[nodiscard]] std::size_t room() const noexcept;
    /// Takes as much of `bytes` as there is room for, and says how many that were. Before respond()
    /// none.
    [[nodiscard]] std::size_t write(std::string_view bytes);
    /// The answer is whole. The visitor is over.
    void finish();
    /// The answer cannot be finished: the visitor is over, and sees that it is not whole; 500 if it has
    /// not begun. `why` is for your own log line.
    void give_up(std::string why);

    /// Whether it is over: finished, given up, or the visitor has left. From then on nothing happens.
    [[nodiscard]] bool is_over() const noexcept;

    /// Calls `changed` whenever more may be read, more may be written, or it is over (then for the last
    /// time); and once soon after it was set, so that everything can be done there. It is let go of at
    /// the end, so it may hold a handle of the same visitor. What it throws is as give_up().
    void on_change(std::function<void()> changed);

  private:
    struct lease;
    std::shared_ptr<lease> lease_;
};

}  // namespace crosstalk
