// The reader as a table of states: start line, field lines, then one of four kinds of body.
#include "http/reader.hpp"

#include <algorithm>

#include "http/framing.hpp"
#include "http/head_lines.hpp"
#include "http/hop_by_hop.hpp"
#include "http/status.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"

namespace crosstalk::http {

namespace {

constexpr std::size_t start_line_extra = 64;  // method, spaces and version beside the target
constexpr std::size_t status_line_limit = 8 * 1024;
constexpr std::size_t chunk_line_limit = 1024;
constexpr std::size_t chunk_overhead_limit = 16 * 1024;
constexpr unsigned empty_line_limit = 2;
constexpr unsigned interim_limit = 16;

bool may_keep_alive(const fields& headers, unsigned version_minor) noexcept {
    if (has_connection_option(headers, "close")) return false;
    return version_minor > 0 || has_connection_option(headers, "keep-alive");
}

}  // namespace

result<step> reader::advance(std::string_view input) {
    if (state_ == state::failed) return failure_;
    auto taken = read(input);
    if (taken.has_error()) {
        failure_ = taken.error();
        state_ = state::failed;
    }
    return taken;
}

result<step> reader::read(std::string_view input) {
    switch (state_) {
        case state::start_line:
        case state::field_lines:
            return read_head(input);
        case state::length_body:
            return read_length_body(input);
        case state::chunk_size:
        case state::chunk_data:
        case state::chunk_tail:
        case state::trailer_lines:
            return read_chunked(input);
        case state::raw_body:
            return step{input.empty() ? step_kind::need_more : step_kind::data, input.size(), input};
        case state::done:
            return step{step_kind::end, 0, {}};
        case state::failed:
            break;
    }
    return failure_;
}

result<step> reader::finish_eof(std::string_view input) {
    if (state_ == state::failed) return failure_;
    if (state_ == state::done || (state_ == state::raw_body && input.empty())) {
        state_ = state::done;
        keep_alive_ = false;
        return step{step_kind::end, 0, {}};
    }
    failure_ = is_idle() && input.empty() ? errc::closed : errc::truncated;
    state_ = state::failed;
    return failure_;
}

void reader::expect_response_to(std::string_view method) noexcept {
    question_ = method == "HEAD"      ? question::head
                : method == "CONNECT" ? question::connect
                                      : question::plain;
}

void reader::next() noexcept {
    if (state_ != state::done) return;
    state_ = state::start_line;
    question_ = question::unasked;
    body_ = body_kind::none;
    idle_ = true;
    keep_alive_ = false;
    expects_continue_ = false;
    empty_lines_ = 0;
    interim_count_ = 0;
    head_bytes_ = 0;
    trailer_count_ = 0;
    chunk_overhead_ = 0;
    length_.reset();
    request_ = {};
    response_ = {};
}

result<std::string_view> reader::take_line(std::string_view input, std::size_t& at, std::size_t limit,
                                           errc too_long) {
    const auto rest = input.substr(at);
    const auto end = rest.find('\n', scanned_);
    if (end == rest.npos) {
        // One byte over the limit may still be the CR that belongs to the line's end.
        if (rest.size() > limit + 1) return make_error_code(too_long);
        scanned_ = rest.size();
        return std::string_view{};
    }
    scanned_ = 0;
    if (end > limit + 1) return make_error_code(too_long);
    if (end == 0 || rest[end - 1] != '\r') return make_error_code(errc::bad_line_end);
    at += end + 1;
    return rest.substr(0, end - 1);
}

result<std::string_view> reader::take_field_line(std::string_view input, std::size_t& at) {
    const std::size_t before = at;
    const std::size_t room = limits_.head - std::min(head_bytes_, limits_.head);
    auto line = take_line(input, at, room, errc::head_too_large);
    head_bytes_ += at - before;
    return line;
}

result<step> reader::read_head(std::string_view input) {
    std::size_t at = 0;
    if (state_ == state::start_line) {
        const auto done = read_start_line(input, at);
        if (done.has_error()) return done.error();
        if (*done == progress::waiting) return step{step_kind::need_more, at, {}};
        state_ = state::field_lines;
    }
    const auto done = read_field_lines(input, at);
    if (done.has_error()) return done.error();
    if (*done == progress::waiting) return step{step_kind::need_more, at, {}};
    if (const auto failure = finish_head()) return failure;
    return step{step_kind::head, at, {}};
}

result<reader::progress> reader::read_start_line(std::string_view input, std::size_t& at) {
    const bool is_request = role_ == role::request;
    if (!is_request && question_ == question::unasked && !input.empty())
        return make_error_code(errc::unexpected_response);
    for (;;) {
        // Refuses what is not HTTP at all, TLS for one, without waiting for the end of its "line".
        if (is_request && at < input.size() && !is_token_char(input[at]) && input[at] != '\r' &&
            input[at] != '\n')
            return make_error_code(errc::bad_method);
        const auto line = is_request
                              ? take_line(input, at, limits_.uri + start_line_extra, errc::uri_too_long)
                              : take_line(input, at, status_line_limit, errc::bad_status_line);
        if (line.has_error()) return line.error();
        if (line->data() == nullptr) {
            idle_ = at == input.size() && interim_count_ == 0;
            return progress::waiting;
        }
        if (line->empty() && is_request && ++empty_lines_ <= empty_line_limit) continue;
        idle_ = false;
        response_ = {};
        const auto failure = is_request ? parse_request_line(*line, limits_.uri, request_)
                                        : parse_status_line(*line, response_);
        if (failure) return failure;
        return progress::complete;
    }
}

result<reader::progress> reader::read_field_lines(std::string_view input, std::size_t& at) {
    for (;;) {
        const auto line = take_field_line(input, at);
        if (line.has_error()) return line.error();
        if (line->data() == nullptr) return progress::waiting;
        if (line->empty()) return progress::complete;
        if (const auto failure = add_field(*line)) return failure;
    }
}

error_code reader::add_field(std::string_view line) {
    const auto field = parse_field_line(line);
    if (field.has_error()) return field.error();
    auto& headers = role_ == role::request ? request_.headers : response_.headers;
    if (headers.size() >= limits_.header_count) return errc::too_many_fields;
    if (role_ == role::request && is_singleton(field->name) && headers.find(field->name) != nullptr)
        return errc::doubled_field;
    headers.add(std::string(field->name), std::string(field->value));
    return {};
}

error_code reader::finish_head() {
    return role_ == role::request ? finish_request() : finish_response();
}

error_code reader::finish_request() {
    const auto& headers = request_.headers;
    const auto framing = read_framing(headers, request_.version_minor);
    if (framing.has_error()) return framing.error();
    const auto* host = headers.find("host");
    if (host == nullptr && request_.version_minor > 0) return errc::missing_host;
    if (host != nullptr && !parse_authority(*host)) return errc::bad_host;
    length_ = framing->length;
    keep_alive_ = may_keep_alive(headers, request_.version_minor);
    settle_framing(framing->chunked);
    const auto* expect = headers.find("expect");
    expects_continue_ = expect != nullptr && iequals(*expect, "100-continue") &&
                        request_.version_minor > 0 && body_ != body_kind::none;
    return {};
}

error_code reader::finish_response() {
    const unsigned status = response_.status;
    const auto framing = read_framing(response_.headers, response_.version_minor);
    if (framing.has_error()) return framing.error();
    length_ = framing->length;
    keep_alive_ = may_keep_alive(response_.headers, response_.version_minor);
    if (status < 200 && status != 101) {
        if (++interim_count_ > interim_limit) return errc::too_many_interim_responses;
        state_ = state::start_line;
        head_bytes_ = 0;
        return {};
    }
    if (status == 101 || (question_ == question::connect && status < 300)) {
        body_ = body_kind::opaque;
        state_ = state::raw_body;
        keep_alive_ = false;
    } else if (question_ == question::head || is_bodyless(status)) {
        // A 204 that announces a body may well be followed by one, which would pass for the next
        // response.
        if (status == 204 && (framing->chunked || length_.value_or(0) > 0)) keep_alive_ = false;
        state_ = state::done;
    } else if (!framing->chunked && !length_) {
        body_ = body_kind::until_close;
        state_ = state::raw_body;
        keep_alive_ = false;
    } else {
        settle_framing(framing->chunked);
    }
    return {};
}

void reader::settle_framing(bool chunked) noexcept {
    remaining_ = length_.value_or(0);
    body_ = chunked ? body_kind::chunked : remaining_ > 0 ? body_kind::length : body_kind::none;
    state_ = chunked ? state::chunk_size : remaining_ > 0 ? state::length_body : state::done;
}

step reader::read_length_body(std::string_view input) {
    if (input.empty()) return {step_kind::need_more, 0, {}};
    const auto bytes = input.substr(0, std::min<std::uint64_t>(remaining_, input.size()));
    remaining_ -= bytes.size();
    if (remaining_ == 0) state_ = state::done;
    return {step_kind::data, bytes.size(), bytes};
}

result<step> reader::read_chunked(std::string_view input) {
    std::size_t at = 0;
    for (;;) {
        result<progress> done = progress::complete;
        if (state_ == state::chunk_size) {
            done = read_chunk_size(input, at);
        } else if (state_ == state::chunk_tail) {
            done = read_chunk_tail(input, at);
        } else if (state_ == state::trailer_lines) {
            done = read_trailers(input, at);
        } else if (state_ == state::done) {
            return step{step_kind::end, at, {}};
        } else {
            auto found = read_length_body(input.substr(at));
            if (remaining_ == 0) state_ = state::chunk_tail;
            found.consumed += at;
            return found;
        }
        if (done.has_error()) return done.error();
        if (*done == progress::waiting) return step{step_kind::need_more, at, {}};
    }
}

result<reader::progress> reader::read_chunk_size(std::string_view input, std::size_t& at) {
    const auto line = take_line(input, at, chunk_line_limit, errc::bad_chunk);
    if (line.has_error()) return line.error();
    if (line->data() == nullptr) return progress::waiting;
    const auto chunk = parse_chunk_line(*line);
    if (!chunk) return make_error_code(errc::bad_chunk);
    // Extensions may be as long as the bytes that they come with; beyond that they are an attack.
    if (chunk->extension_bytes > chunk->size)
        chunk_overhead_ += chunk->extension_bytes - static_cast<std::size_t>(chunk->size);
    if (chunk_overhead_ > chunk_overhead_limit) return make_error_code(errc::chunk_overhead);
    remaining_ = chunk->size;
    state_ = remaining_ > 0 ? state::chunk_data : state::trailer_lines;
    head_bytes_ = 0;
    return progress::complete;
}

result<reader::progress> reader::read_chunk_tail(std::string_view input, std::size_t& at) {
    const auto end = input.substr(at, 2);
    if (!std::string_view("\r\n").starts_with(end)) return make_error_code(errc::bad_chunk);
    if (end.size() < 2) return progress::waiting;
    at += 2;
    state_ = state::chunk_size;
    return progress::complete;
}

result<reader::progress> reader::read_trailers(std::string_view input, std::size_t& at) {
    for (;;) {
        const auto line = take_field_line(input, at);
        if (line.has_error()) return line.error();
        if (line->data() == nullptr) return progress::waiting;
        if (line->empty()) {
            state_ = state::done;
            return progress::complete;
        }
        const auto field = parse_field_line(*line);
        if (field.has_error()) return field.error();
        if (++trailer_count_ > limits_.header_count) return make_error_code(errc::too_many_fields);
    }
}

}  // namespace crosstalk::http
