// What the programs of the benchmark share: options, stopwatches, connections, one way to fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::bench {

using clock = std::chrono::steady_clock;

/// Ends the program: exit status 1, the sentence on standard error.
[[noreturn]] void fail(std::string_view what);

/// A TCP connection to that port of 127.0.0.1, without Nagle; fails when nothing listens there.
[[nodiscard]] int connect_to(std::uint16_t port);

/// `--name value` pairs. Asking for one that is missing or no number fails.
class options {
  public:
    options(int count, char** words, int first);
    [[nodiscard]] const std::string& text(const std::string& name) const;
    [[nodiscard]] std::size_t number(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> list(const std::string& name) const;  ///< a,b,c

  private:
    std::map<std::string, std::string> values_;
};

/// Round trips that are under way, each in a slot of its own, and how long those that ended took.
/// The first 300 ms are for warming up and not among them.
class stopwatches {
  public:
    stopwatches(std::size_t slots, clock::duration length);

    void start(std::size_t slot) { started_[slot] = clock::now(); }
    void stop(std::size_t slot);
    [[nodiscard]] bool is_over() const { return last_ >= end_; }
    /// Writes a line of JSON: `count` in `seconds`, `p50_ms`, `p99_ms`, and `total` with the warming
    /// up.
    void print();

  private:
    [[nodiscard]] double percentile(double share) const;

    std::vector<clock::time_point> started_;
    std::vector<double> took_;
    clock::time_point begin_, end_, last_;
    std::size_t total_ = 0;
};

}  // namespace crosstalk::bench
