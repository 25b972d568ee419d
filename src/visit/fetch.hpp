// One request straight to a peer, as a command: log in, ask, write down what comes, leave.
//
// Rule: what is not whole never looks whole: the exit status and a sentence say so.
#pragma once

#include <optional>
#include <string>

#include "crosstalk/http.hpp"
#include "net/account.hpp"
#include "talk/peer_uri.hpp"

namespace crosstalk::visit {

/// The body to send: `text`, or what `file` holds ("-": standard input).
struct upload_settings {
    std::string text;
    std::optional<std::string> file;
};

struct fetch_settings : net::account {
    std::string address;  ///< as it was typed
    talk::peer_uri where;
    std::string method;    ///< "" = GET, or POST with a body
    http::fields headers;  ///< over the usual ones; a value of "" takes a field away
    std::optional<upload_settings> body;
    std::string output;          ///< "" = standard output
    bool resumes = false;        ///< takes up what is in `output` already
    bool shows_head = false;     ///< the response's head in front of its body
    bool asks_for_head = false;  ///< HEAD, and the head alone
    bool shows_progress = true;  ///< where standard error is a terminal
};

/// Returns the exit status of `crosstalk fetch`: 0 the answer is there, whole; 1 FILE cannot be read or
/// written; 2 could not log in; 4 the status is 400 or more; 5 the answer is not whole.
[[nodiscard]] int run_fetch(fetch_settings settings);

}  // namespace crosstalk::visit
