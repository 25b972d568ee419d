// How much each site is asked: requests, and bytes of their bodies and of those of the responses.
//
// Rule 1: no clock, no I/O: who answers a request says when it begins, and what went.
// Rule 2: so many sites are remembered; of more, those who are asked least are forgotten. The total holds all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace crosstalk::gateway {

class traffic {
  public:
    static constexpr std::size_t most_sites = 4096;

    struct flow {
        std::uint64_t requests = 0, bytes_in = 0, bytes_out = 0;
        std::size_t open = 0;  ///< requests that are being answered
        bool operator==(const flow&) const = default;
    };

    traffic() = default;
    traffic(const traffic&) = delete;
    traffic& operator=(const traffic&) = delete;

    /// One request, open until this is destroyed. The traffic must outlive it.
    class request {
      public:
        request() = default;
        request(request&& other) noexcept : of_(std::exchange(other.of_, nullptr)), site_(std::move(other.site_)) {}
        request& operator=(request&& other) noexcept {
            std::swap(of_, other.of_);
            std::swap(site_, other.site_);
            return *this;
        }
        ~request() {
            if (of_ != nullptr) of_->end(site_);
        }
        /// What of its bodies went, once.
        void carried(std::uint64_t in, std::uint64_t out) {
            if (of_ != nullptr) of_->add(site_, in, out);
        }

      private:
        friend traffic;
        request(traffic* of, std::string site) : of_(of), site_(std::move(site)) {}
        traffic* of_ = nullptr;
        std::string site_;
    };

    [[nodiscard]] request begin(const std::string& site);
    [[nodiscard]] const flow& total() const noexcept { return total_; }
    /// Nothing but zeros for a site that is not remembered.
    [[nodiscard]] flow of(const std::string& site) const;
    /// The `most` sites that were asked most, first the one that was most.
    [[nodiscard]] std::vector<std::pair<std::string, flow>> top(std::size_t most) const;
    [[nodiscard]] std::size_t remembered() const noexcept { return sites_.size(); }

  private:
    void add(const std::string& site, std::uint64_t in, std::uint64_t out);
    void end(const std::string& site);
    void forget_some();

    flow total_;
    std::unordered_map<std::string, flow> sites_;
};

}  // namespace crosstalk::gateway
