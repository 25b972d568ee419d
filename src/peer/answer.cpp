// Reading the body of an answer, and pages that are short enough to be made here.
#include "peer/answer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "http/accept.hpp"
#include "http/html.hpp"
#include "http/status.hpp"

namespace crosstalk::peer {

answer_body::answer_body(std::string whole) : left_(whole.size()) {
    parts_.push_back({std::move(whole), 0, 0});
}

answer_body::answer_body(descriptor file, std::vector<body_part> parts)
    : file_(std::move(file)), parts_(std::move(parts)) {
    for (const auto& part : parts_) left_ += part.text.size() + part.length;
}

result<void> answer_body::read(std::string& out, std::size_t most) {
    while (most > 0 && left_ > 0) {
        auto& part = parts_[part_];
        const std::size_t before = out.size();
        if (text_used_ < part.text.size()) {
            out.append(part.text, text_used_, most);
            text_used_ += out.size() - before;
        } else if (part.length > 0) {
            if (const auto done = read_file(out, part, most); done.has_error()) return done;
        } else {
            ++part_;
            text_used_ = 0;
            continue;
        }
        most -= out.size() - before;
        left_ -= out.size() - before;
    }
    return {};
}

result<void> answer_body::read_file(std::string& out, body_part& part, std::size_t most) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, part.length));
    const std::size_t before = out.size();
    out.resize(before + wanted);
    ssize_t got = 0;
    do {
        got = ::pread(file_.get(), out.data() + before, wanted, static_cast<off_t>(part.offset));
    } while (got < 0 && errno == EINTR);
    const int failed = got < 0 ? errno : EIO;
    out.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) return error_code{failed, boost::system::system_category()};
    part.offset += static_cast<std::uint64_t>(got);
    part.length -= static_cast<std::uint64_t>(got);
    return {};
}

answer make_answer(unsigned status, std::string_view content_type, std::string body) {
    answer a;
    a.start.status = status;
    a.start.headers.add("Content-Type", std::string{content_type});
    a.start.headers.add("Content-Length", std::to_string(body.size()));
    a.start.headers.add("X-Content-Type-Options", "nosniff");
    if (status >= 400) a.start.headers.add("Cache-Control", "no-store");
    a.body = answer_body{std::move(body)};
    return a;
}

answer make_page(unsigned status, std::string_view text, const http::fields& headers) {
    const std::string title = std::to_string(status) + ' ' + std::string{http::reason_phrase(status)};
    std::string body;
    const auto* accept = headers.find("Accept");
    if (accept == nullptr || !http::accepts_html(*accept)) {
        body.append(title).append("\n\n").append(text).append("\n");
        return make_answer(status, "text/plain; charset=utf-8", std::move(body));
    }
    body =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    http::append_html_escaped(body, title);
    body +=
        "</title>\n<style>body{font:1rem/1.5 sans-serif;max-width:40rem;margin:4rem auto;"
        "padding:0 1rem}</style>\n<h1>";
    http::append_html_escaped(body, title);
    body += "</h1>\n<p>";
    http::append_html_escaped(body, text);
    body += "</p>\n</html>\n";
    return make_answer(status, "text/html; charset=utf-8", std::move(body));
}

void drop_body(answer& a) { a.body = answer_body{}; }

}  // namespace crosstalk::peer
