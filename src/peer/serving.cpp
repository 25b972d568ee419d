// Sending answers over a call.
#include "peer/serving.hpp"

#include <algorithm>

namespace crosstalk::peer {
namespace {

constexpr std::size_t piece_size = 64 * 1024;

void respond(net::call& visitor, answer& a, base::tally& done) {
    done.status = a.start.status;
    visitor.respond(std::move(a.start));
}

void write(net::call& visitor, std::string_view bytes, base::tally& done) {
    visitor.write(bytes);
    done.bytes += bytes.size();
}

/// Nothing has been sent yet: the failure can still be told in words.
answer failed_page(error_code why, base::tally& done) {
    done.note = "cannot read the file: " + why.message();
    return make_page(500, "The publisher's computer could not read this file.", {});
}

}  // namespace

bool send_at_once(net::call& visitor, answer& a, base::tally& done) {
    if (a.body.left() > std::min(piece_size, visitor->room())) return false;
    std::string bytes;
    if (const auto read = a.body.read(bytes, piece_size); read.has_error()) {
        a = failed_page(read.error(), done);
        return false;
    }
    respond(visitor, a, done);
    write(visitor, bytes, done);
    visitor.finish();
    return true;
}

net::awaitable<void> send_in_pieces(net::call& visitor, answer a, base::tally& done) {
    std::string piece;
    bool has_begun = false;
    while (!visitor->is_over()) {
        const std::size_t most = std::min(piece_size, visitor->room());
        if (most == 0 && a.body.left() > 0) {
            co_await visitor.wait_room();
            continue;
        }
        piece.clear();
        if (const auto read = a.body.read(piece, most); read.has_error()) {
            if (has_begun) {
                done.note = "cannot read the rest: " + read.error().message();
                visitor.shut_down("backend-failed");
                co_return;
            }
            a = failed_page(read.error(), done);
            continue;
        }
        if (!std::exchange(has_begun, true)) respond(visitor, a, done);
        write(visitor, piece, done);
        if (a.body.left() > 0) continue;
        visitor.finish();
        co_return;
    }
}

}  // namespace crosstalk::peer
