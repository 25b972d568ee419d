// Error pages.
#include "ask/error_page.hpp"

#include "http/accept.hpp"
#include "http/html.hpp"
#include "http/status.hpp"

namespace crosstalk::ask {

namespace {

constexpr std::string_view may_have_run =
    "The request may have been carried out all the same, wholly or in part: before you send it again, "
    "look whether it was.";

constexpr std::string_view page_start =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
constexpr std::string_view page_style =
    "</title>\n<style>\n"
    ":root { color-scheme: light dark; --ink: #1c2330; --dim: #667085; --ground: #f6f7f9; --card: "
    "#fff; "
    "--mark: #b4532a }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --dim: #98a2b3; --ground: #12151b; "
    "--card: #1b2028; --mark: #e58a5f } }\n"
    "body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: "
    "var(--ground); "
    "color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif }\n"
    "main { box-sizing: border-box; width: min(36rem, 100vw - 2rem); padding: 2rem 2.25rem; "
    "background: var(--card); border-radius: .75rem; border-top: .25rem solid var(--mark); "
    "box-shadow: 0 1px 3px rgb(0 0 0 / .12) }\n"
    "h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.3 }\n"
    "p { margin: .5rem 0 } small { color: var(--dim) }\n"
    "input, button { font: inherit; padding: .375rem .75rem; border: 1px solid var(--dim); border-radius: "
    ".375rem; background: none; color: inherit } input { width: 100%; box-sizing: border-box }\n"
    "form { margin-top: .75rem } button { margin-top: .5rem; cursor: pointer } "
    "form:first-of-type button { background: var(--mark); border-color: var(--mark); color: var(--card) }\n"
    "</style>\n<main>\n<h1>";

std::string title_of(unsigned status) {
    std::string title = std::to_string(status);
    if (const auto phrase = http::reason_phrase(status); !phrase.empty()) {
        title += ' ';
        title += phrase;
    }
    return title;
}

void append_paragraph(std::string& out, std::string_view text) {
    out += "<p>";
    http::append_html_escaped(out, text);
    out += "</p>\n";
}

/// Title and heading are text, `content` is HTML.
std::string dress(std::string_view title, std::string_view heading, std::string_view content) {
    std::string out;
    out.reserve(page_start.size() + page_style.size() + content.size() + 512);
    out += page_start;
    http::append_html_escaped(out, title);
    out += page_style;
    http::append_html_escaped(out, heading);
    out += "</h1>\n";
    out += content;
    out += "</main>\n</html>\n";
    return out;
}

std::string html_of(const failure& what) {
    std::string content;
    append_paragraph(content, what.advice);
    if (what.may_have_run) append_paragraph(content, may_have_run);
    const auto title = title_of(what.status);
    content += "<p><small>";
    http::append_html_escaped(content, title);
    content += "</small></p>\n";
    return dress(title, what.happened, content);
}

std::string text_of(const failure& what) {
    std::string out = title_of(what.status);
    out += "\n\n";
    out += what.happened;
    out += '\n';
    out += what.advice;
    out += '\n';
    if (what.may_have_run) {
        out += may_have_run;
        out += '\n';
    }
    return out;
}

page make_page(unsigned status, std::string_view type, std::string body) {
    page made;
    made.head.status = status;
    made.head.headers.add("Content-Type", std::string(type));
    made.head.headers.add("Content-Length", std::to_string(body.size()));
    made.head.headers.add("Cache-Control", "no-store");
    made.body = std::move(body);
    return made;
}

page make_html(unsigned status, std::string html) {
    auto made = make_page(status, "text/html; charset=utf-8", std::move(html));
    made.head.headers.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    return made;
}

}  // namespace

page html_page(unsigned status, std::string_view heading, std::string_view content) {
    return make_html(status, dress(heading, heading, content));
}

page error_page(const failure& what, std::string_view accept) {
    auto made = http::accepts_html(accept)
                    ? make_html(what.status, html_of(what))
                    : make_page(what.status, "text/plain; charset=utf-8", text_of(what));
    if (what.retry_after != 0) made.head.headers.add("Retry-After", std::to_string(what.retry_after));
    return made;
}

page redirect_page(std::string location) {
    auto made = make_page(308, "text/plain; charset=utf-8", "The page is at " + location + "\n");
    made.head.headers.add("Location", std::move(location));
    return made;
}

page text_page(unsigned status, std::string text) {
    return make_page(status, "text/plain; charset=utf-8", std::move(text));
}

page options_page() {
    page made;
    made.head.status = 204;
    made.head.headers.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return made;
}

}  // namespace crosstalk::ask
