// Where requests arrive: who may ask, how many at once, what answers them, and the line that reports
// it.
//
// Rule 1: only the configured gateways are served; others get 403.
// Rule 2: while the stream's past is unsettled (after a resumption) requests wait; those that were shut
//         down meanwhile are never begun.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "net/call.hpp"
#include "net/task_group.hpp"
#include "peer/compression.hpp"
#include "peer/folder.hpp"
#include "peer/guest_list.hpp"
#include "peer/quota.hpp"
#include "peer/responder.hpp"

namespace crosstalk::peer {

struct settings;

/// What is published: exactly one of the two.
struct offering {
    std::optional<folder> files;
    std::unique_ptr<responder> app;
};

class request_desk {
  public:
    /// `guests` must outlive this.
    request_desk(net::executor ex, offering what, const settings& s, const guest_list& guests);
    ~request_desk();

    /// What became of requests: a line for each, several together where they end together.
    std::function<void(std::string_view lines)> on_lines;

    /// Takes a request that has come.
    void receive(net::call visitor);
    /// Takes one that nothing can have replayed: it never waits.
    void receive_at_once(net::call visitor) { begin(std::move(visitor)); }
    /// From now on what gateways send in band is told that this site answers over a direct stream
    /// alone.
    void refuse_in_band() noexcept { is_direct_only_ = true; }
    /// From now on requests wait.
    void hold() noexcept { is_holding_ = true; }
    /// Begins what has waited and is still wanted.
    void release();
    /// From now on requests are told that this site is about to stop.
    void refuse_new() noexcept { is_closing_ = true; }
    /// Gives up what runs.
    void cut();
    /// Waits until nothing runs and lets go of the app. cut() first, unless there is time.
    [[nodiscard]] net::awaitable<void> join();
    /// Whether that JID is one of the configured gateways.
    [[nodiscard]] bool is_gateway(std::string_view jid) const;
    /// How many requests are being answered.
    [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

  private:
    struct job;

    void begin(net::call visitor);
    [[nodiscard]] std::unique_ptr<job> admit(net::call visitor);
    void tell_direct_only(net::call visitor);
    /// Says what became of a request, with all that end in the same turn of the event loop.
    void report(job& j);
    void refuse(job& j, unsigned status, std::string_view text, const http::fields& headers);
    void answer_from_folder(std::unique_ptr<job> j, const cgi::incoming_request& request);
    void start(std::unique_ptr<job> j, net::awaitable<void> (request_desk::*how)(job&));
    [[nodiscard]] net::awaitable<void> run(std::unique_ptr<job> j,
                                           net::awaitable<void> (request_desk::*how)(job&));
    [[nodiscard]] net::awaitable<void> send(job& j);
    [[nodiscard]] net::awaitable<void> pass_on(job& j);

    std::optional<folder> files_;
    std::unique_ptr<responder> app_;
    compressor compressing_;  ///< of answers from the folder
    const guest_list& guests_;
    quota quota_;  ///< of guests
    std::vector<std::string> gateways_;
    std::size_t most_;
    bool is_holding_ = false;
    bool is_closing_ = false;
    bool is_direct_only_ = false;
    std::vector<net::call> waiting_;
    std::list<job*> running_;
    /// Lines, shared with the event that will hand them out.
    std::shared_ptr<std::string> unsaid_ = std::make_shared<std::string>();
    net::executor ex_;
    net::task_group tasks_;
};

}  // namespace crosstalk::peer
