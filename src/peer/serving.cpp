// Sending answers over a call.
#include "peer/serving.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

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

/// Puts the body, all of which has been read, through its encoder.
void encode_whole(answer& a, std::string& bytes) {
    std::string encoded;
    a.encoder->encode(bytes, body_encoder::next::the_end, encoded);
    a.encoder.reset();
    bytes = std::move(encoded);
}

}  // namespace

bool send_at_once(net::call& visitor, answer& a, base::tally& done) {
    if (a.body.left() > std::min(piece_size, visitor->room())) return false;
    std::string bytes;
    if (const auto read = a.body.read(bytes, piece_size); read.has_error()) {
        a = failed_page(read.error(), done);
        return false;
    }
    if (a.encoder) encode_whole(a, bytes);
    if (bytes.size() > visitor->room()) {
        a.body = answer_body{std::move(bytes)};
        return false;
    }
    respond(visitor, a, done);
    write(visitor, bytes, done);
    visitor.finish();
    return true;
}

net::awaitable<bool> write_all(net::call& visitor, std::string_view bytes, base::tally& done) {
    while (!bytes.empty() && !visitor->is_over()) {
        const auto now = bytes.substr(0, visitor->room());
        if (now.empty()) {
            co_await visitor.wait_room();
            continue;
        }
        write(visitor, now, done);
        bytes.remove_prefix(now.size());
    }
    co_return !visitor->is_over();
}

net::awaitable<bool> write_encoded(net::call& visitor, body_encoder& encoder, std::string_view piece,
                                   body_encoder::next then, base::tally& done) {
    std::string encoded;
    encoder.encode(piece, then, encoded);
    const bool is_written = co_await write_all(visitor, encoded, done);
    // A body that becomes much smaller would not have to wait for room for long.
    const auto ex = co_await net::asio::this_coro::executor;
    co_await net::asio::post(ex, net::asio::use_awaitable);
    co_return is_written && !visitor->is_over();
}

net::awaitable<void> send_in_pieces(net::call& visitor, answer a, base::tally& done) {
    std::string piece;
    bool has_begun = false;
    while (!visitor->is_over()) {
        if (visitor->room() == 0 && a.body.left() > 0) {
            co_await visitor.wait_room();
            continue;
        }
        // An encoder's pieces are whole ones: what comes out of them is short.
        const std::size_t most = a.encoder ? piece_size : std::min(piece_size, visitor->room());
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
        const bool is_last = a.body.left() == 0;
        if (a.encoder) {
            const auto then = is_last ? body_encoder::next::the_end : body_encoder::next::more;
            const bool is_written = co_await write_encoded(visitor, *a.encoder, piece, then, done);
            if (!is_written) co_return;
        } else {
            write(visitor, piece, done);
        }
        if (!is_last) continue;
        visitor.finish();
        co_return;
    }
}

}  // namespace crosstalk::peer
