// Calling what a program has given: what it throws, and the next piece of a body.
#pragma once

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "crosstalk/request.hpp"

namespace crosstalk::library {

/// To be called in a catch block.
[[nodiscard]] inline std::string describe_thrown() {
    try {
        throw;
    } catch (const std::exception& e) {
        return std::string("the program threw: ") + e.what();
    } catch (...) {
        return "the program threw something";
    }
}

/// What a body_source is promised: it is not asked for less, and so never has to give less than it can.
constexpr std::size_t least_piece = 16 * 1024, most_piece = 64 * 1024;

/// The next piece, "" at the end; or nothing, and `problem` set.
[[nodiscard]] inline std::optional<std::string> pull(const body_source& source, std::size_t room,
                                                     std::string& problem) {
    const auto most = std::min(room, most_piece);
    try {
        auto piece = source(most);
        if (piece.size() <= most) return piece;
        problem = "the program gave more of a body than it was asked for";
    } catch (...) {
        problem = describe_thrown();
    }
    return std::nullopt;
}

/// Calls a function of the program's, if there is one; what it throws stops here.
template <class Function, class... Arguments>
void call(const Function& f, Arguments&&... arguments) noexcept {
    if (!f) return;
    try {
        f(std::forward<Arguments>(arguments)...);
    } catch (...) {
        // Nobody asked for an answer.
    }
}

}  // namespace crosstalk::library
