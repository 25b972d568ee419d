// See loop.hpp.
#include "library/loop.hpp"

#include "base/log.hpp"

namespace crosstalk::library {
namespace {

/// A program's standard error is its own; only what speaks of a mistake in here goes there.
void quieten_log() {
    static const bool is_quiet = [] {
        base::configure_log(base::log_level::error, base::log_format::text);
        return true;
    }();
    static_cast<void>(is_quiet);
}

}  // namespace

loop::loop(net::asio::io_context* theirs)
    : own_(theirs == nullptr ? std::make_unique<net::asio::io_context>(1) : nullptr),
      io_(theirs == nullptr ? *own_ : *theirs) {
    quieten_log();
}

void loop::run() {
    io_.restart();
    io_.run();
}

void loop::end() {
    if (own_) own_->stop();
}

}  // namespace crosstalk::library
