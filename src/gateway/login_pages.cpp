// See login_pages.hpp.
#include "gateway/login_pages.hpp"

#include <algorithm>
#include <utility>

#include "http/html.hpp"
#include "http/target.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
constexpr std::size_t longest_return = 4096;

std::string escaped(std::string_view text) {
    std::string out;
    http::append_html_escaped(out, text);
    return out;
}

std::string paragraph(std::string_view text) { return "<p>" + escaped(text) + "</p>\n"; }

std::string form(std::string_view action, std::string_view to, std::string_view inside) {
    std::string out = "<form method=\"post\" action=\"";
    out.append(visitor_path).append(action);
    out += "\"><input type=\"hidden\" name=\"to\" value=\"" + escaped(to) + "\">\n";
    return out.append(inside) + "</form>\n";
}

std::string button(std::string_view words) { return "<button>" + escaped(words) + "</button>\n"; }

page guarded(unsigned status, std::string_view heading, std::string_view content) {
    auto made = ask::html_page(status, heading, content);
    made.head.headers.set("Content-Security-Policy", std::string(policy));
    made.head.headers.add("Referrer-Policy", "no-referrer");
    return made;
}

void look_again(page& shown, unsigned seconds, std::string_view at) {
    shown.head.headers.add("Refresh", std::to_string(seconds) + "; url=" + std::string(at));
}

std::string with_return(std::string_view action, std::string_view to) {
    auto value = http::percent_encode_segment(to);
    // What a path may have as it is means something else in a form's value.
    for (const auto& [plain, encoded] : {std::pair('+', "%2B"), std::pair('&', "%26"), std::pair('=', "%3D")})
        for (auto at = value.find(plain); at != std::string::npos; at = value.find(plain, at + 3))
            value.replace(at, 1, encoded);
    return std::string(visitor_path).append(action) + "?to=" + value;
}

}  // namespace

std::string safe_return(std::string_view target) {
    const bool is_plain = std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
    const bool is_path = target.starts_with('/') && !target.starts_with("//");
    const bool is_ours = target.starts_with(visitor_path);
    if (!is_plain || !is_path || is_ours || target.size() > longest_return) return "/";
    return std::string(target);
}

page login_page(unsigned status, std::string_view to, std::string_view trouble) {
    std::string content;
    if (!trouble.empty()) content += "<p role=\"alert\"><strong>" + escaped(trouble) + "</strong></p>\n";
    content += paragraph("Type your XMPP address. Your own chat client will ask you whether it is you.");
    content += form("login", to,
                    "<label>Your address<br><input name=\"jid\" required autofocus autocapitalize=\"off\" "
                    "spellcheck=\"false\" autocomplete=\"username\" inputmode=\"email\" maxlength=\"1024\" "
                    "placeholder=\"you@example.org\"></label>\n" + button("Ask me"));
    return guarded(status, "Who are you?", content);
}

page waiting_page(std::string_view jid, std::string_view code, std::string_view to) {
    std::string content = paragraph("A question has gone to " + std::string(jid) + ". Confirm it in your chat client, "
                                    "or answer it with this code, if the question shows the same:");
    content += "<p><strong style=\"font: 600 1.75rem monospace\">" + escaped(code) + "</strong></p>\n";
    content += paragraph("This page goes on by itself.");
    auto shown = guarded(200, "Is it you?", content);
    look_again(shown, 1, with_return("login/wait", to));
    return shown;
}

page not_admitted_page(std::string_view jid, std::string_view to) {
    auto content = paragraph("You are known as " + std::string(jid) + ", and this page is not shown to you. You may ask "
                             "whoever publishes it to let you in.");
    content += form("ask", to, button("Ask to be let in"));
    content += form("logout", to, button("Be somebody else"));
    return guarded(403, "You are not on the list", content);
}

page asked_page(std::string_view jid, std::string_view to) {
    auto content = paragraph("Whoever publishes this has been asked whether " + std::string(jid) +
                             " may see it. The answer may take a while; this page looks for it by itself.");
    auto shown = guarded(200, "You have asked", content);
    look_again(shown, 15, to);
    return shown;
}

page logout_page(bool is_known) {
    if (!is_known) return guarded(200, "You are not known here", paragraph("There is nothing to forget."));
    return guarded(200, "Be forgotten", form("logout", "/", button("Forget who I am")));
}

page notice_page(unsigned status, std::string_view heading, std::string_view text, std::string_view to) {
    return guarded(status, heading, paragraph(text) + "<p><a href=\"" + escaped(to) + "\">Go on</a></p>\n");
}

page see_other(std::string_view to) {
    auto made = text_page(303, "The page is at " + std::string(to) + "\n");
    made.head.headers.add("Location", std::string(to));
    return made;
}

}  // namespace crosstalk::gateway
