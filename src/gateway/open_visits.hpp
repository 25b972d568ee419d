// The requests that owners are answering just now: whoever may see a site no more does not go on seeing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <utility>

namespace crosstalk::gateway {

/// As what a visitor was let in.
enum class standing : std::uint8_t { anybody, guest, contact };

/// One request that an owner was asked for.
struct open_visit {
    std::string site, owner;
    std::string host;  ///< of the site's own, by which it was found; "": by its name
    std::string user;  ///< the visitor's bare JID, or ""
    standing as = standing::anybody;
    std::function<void()> end = {};  ///< cuts it short; unset while there is nothing to cut
};

class open_visits {
  public:
    using judgement = std::function<bool(const open_visit&)>;

    /// The visit is open as long as this exists.
    class place {
      public:
        place(std::list<open_visit>& all, open_visit begun) : all_(all), at_(all.insert(all.end(), std::move(begun))) {}
        place(const place&) = delete;
        ~place() { all_.erase(at_); }
        open_visit& operator*() const noexcept { return *at_; }

      private:
        std::list<open_visit>& all_;
        std::list<open_visit>::iterator at_;
    };

    [[nodiscard]] place enter(open_visit begun) { return {all_, std::move(begun)}; }

    /// Cuts those short that may not go on; how many. Nobody leaves before it returns.
    std::size_t review(const judgement& may_stay) {
        std::size_t ended = 0;
        for (auto& each : all_) {
            if (!each.end || may_stay(each)) continue;
            std::exchange(each.end, nullptr)();
            ++ended;
        }
        return ended;
    }

  private:
    std::list<open_visit> all_;
};

}  // namespace crosstalk::gateway
