#include "peer/folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "http/date.hpp"
#include "http/target.hpp"
#include "temporary_folder.hpp"

using namespace crosstalk;

namespace {

constexpr std::int64_t now = 4'000'000'000;

struct site {
    explicit site(bool listings = false) : listings_(listings) {
        files.write("index.html", "<p>home</p>");
        files.write("a b/\xc3\xa4.txt", "umlaut");
        files.write("digits.txt", "0123456789");
        files.write("empty.css", "");
        files.write(".env", "SECRET");
        files.write(".git/config", "SECRET");
        files.write(".well-known/security.txt", "contact");
        files.write("sub/.htpasswd", "SECRET");
        files.write("plain/file", "x");
    }

    /// Asks for `target` as a gateway would pass it on.
    [[nodiscard]] peer::answer ask(std::string target, http::fields headers = {},
                                   std::string method = "GET", std::string script_name = {}) const {
        auto folder = peer::folder::open({files.path.string(), listings_});
        REQUIRE(folder.has_value());
        cgi::incoming_request request;
        request.method = std::move(method);
        request.script_name = std::move(script_name);
        request.headers = std::move(headers);
        const auto split = http::split_query(target);
        const auto path = http::percent_decode(split.path.substr(request.script_name.size()));
        REQUIRE(path.has_value());
        request.path_info = *path;
        request.query = split.query;
        request.target = target;
        return folder->respond(request, now);
    }

    temporary_folder files;

  private:
    bool listings_;
};

std::string field(const peer::answer& a, std::string_view name) {
    const auto* value = a.start.headers.find(name);
    return value != nullptr ? *value : "(none)";
}

std::string body(peer::answer& a, std::size_t step = 1 << 20) {
    std::string bytes;
    while (a.body.left() > 0) {
        const auto before = bytes.size();
        REQUIRE(a.body.read(bytes, step).has_value());
        REQUIRE(bytes.size() > before);
        REQUIRE(bytes.size() <= before + step);
    }
    return bytes;
}

}  // namespace

TEST_CASE("a file comes with type, length and validators") {
    const site s;
    auto a = s.ask("/digits.txt");
    CHECK(a.start.status == 200);
    CHECK(field(a, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(field(a, "Content-Length") == "10");
    CHECK(field(a, "X-Content-Type-Options") == "nosniff");
    CHECK(field(a, "Accept-Ranges") == "bytes");
    CHECK(field(a, "ETag").starts_with('"'));
    CHECK(http::parse_date(field(a, "Last-Modified"), now).has_value());
    CHECK(body(a) == "0123456789");
}

TEST_CASE("a body read byte by byte is the same body") {
    const site s;
    auto a = s.ask("/digits.txt");
    CHECK(body(a, 1) == "0123456789");
}

TEST_CASE("an empty file is an empty answer") {
    const site s;
    auto a = s.ask("/empty.css");
    CHECK(a.start.status == 200);
    CHECK(field(a, "Content-Length") == "0");
    CHECK(a.body.left() == 0);
}

TEST_CASE("names may be any UTF-8, written in percent-encoding") {
    const site s;
    auto a = s.ask("/a%20b/%C3%A4.txt");
    CHECK(a.start.status == 200);
    CHECK(body(a) == "umlaut");
}

TEST_CASE("a folder is its index page") {
    const site s;
    auto a = s.ask("/");
    CHECK(a.start.status == 200);
    CHECK(field(a, "Content-Type") == "text/html; charset=utf-8");
    CHECK(body(a) == "<p>home</p>");
}

TEST_CASE("HEAD has the same head and no body") {
    const site s;
    const auto get = s.ask("/digits.txt");
    const auto head = s.ask("/digits.txt", {}, "HEAD");
    CHECK(head.start == get.start);
    CHECK(head.body.left() == 0);
    CHECK(s.ask("/missing", {}, "HEAD").body.left() == 0);
}

TEST_CASE("a folder without its slash is redirected, query and prefix kept") {
    const site s;
    CHECK(s.ask("/plain").start.status == 301);
    CHECK(field(s.ask("/plain?q=1&r"), "Location") == "/plain/?q=1&r");
    CHECK(field(s.ask("/plain?"), "Location") == "/plain/?");
    CHECK(field(s.ask("/romeo/a%20b", {}, "GET", "/romeo"), "Location") == "/romeo/a%20b/");
    CHECK(field(s.ask("/romeo?x", {}, "GET", "/romeo"), "Location") == "/romeo/?x");
}

TEST_CASE("dot names are not there, but for /.well-known") {
    const site s;
    for (const std::string target :
         {"/.env", "/.git/config", "/.git/", "/.git", "/sub/.htpasswd", "/%2eenv", "/%2Egit/config",
          "/.well-known/.hidden", "/sub/.well-known/x", "/.well-knownish"}) {
        CAPTURE(target);
        CHECK(s.ask(target).start.status == 404);
    }
    CHECK(s.ask("/.well-known/security.txt").start.status == 200);
}

TEST_CASE("no spelling leads out of the folder") {
    const site s;
    for (const std::string target : {"/../etc/passwd",
                                     "/%2e%2e/etc/passwd",
                                     "/..%2fetc/passwd",
                                     "/a%20b/..%2f..%2fetc%2fpasswd",
                                     "/%2fetc/passwd",
                                     "//etc/passwd",
                                     "/a%20b%2f%C3%A4.txt",
                                     "/digits.txt%00",
                                     "/digits.txt%00.html",
                                     "/%c0%ae%c0%ae/etc/passwd",
                                     "/%c0%afetc/passwd",
                                     "/..\\..\\etc/passwd",
                                     "/.",
                                     "/..",
                                     "/./digits.txt",
                                     "/digits.txt/",
                                     "/digits.txt/x",
                                     "/index.html/",
                                     "/a%20b//%C3%A4.txt",
                                     "/proc/self/environ"}) {
        CAPTURE(target);
        auto a = s.ask(target);
        CHECK(a.start.status == 404);
        CHECK(body(a).find("root:") == std::string::npos);
    }
}

TEST_CASE("other methods are refused with what is allowed") {
    const site s;
    for (const std::string method : {"POST", "PUT", "DELETE", "PATCH", "get", "BREW"}) {
        CAPTURE(method);
        const auto a = s.ask("/digits.txt", {}, method);
        CHECK(a.start.status == 405);
        CHECK(field(a, "Allow") == "GET, HEAD, OPTIONS");
    }
    const auto options = s.ask("/digits.txt", {}, "OPTIONS");
    CHECK(options.start.status == 204);
    CHECK(field(options, "Allow") == "GET, HEAD, OPTIONS");
    CHECK(options.body.left() == 0);
}

TEST_CASE("conditions are answered from the validators that were given") {
    const site s;
    const auto first = s.ask("/digits.txt");
    const auto tag = field(first, "ETag");
    const auto date = field(first, "Last-Modified");

    const auto same = s.ask("/digits.txt", {{"If-None-Match", tag}});
    CHECK(same.start.status == 304);
    CHECK(same.body.left() == 0);
    CHECK(field(same, "ETag") == tag);
    CHECK(field(same, "Content-Length") == "(none)");
    CHECK(s.ask("/digits.txt", {{"If-Modified-Since", date}}).start.status == 304);
    CHECK(s.ask("/digits.txt", {{"If-None-Match", "\"other\""}}).start.status == 200);
    CHECK(s.ask("/digits.txt", {{"If-Match", "\"other\""}}).start.status == 412);
    CHECK(s.ask("/digits.txt", {{"If-Match", tag}}).start.status == 200);

    s.files.write("digits.txt", "9876543210x");
    CHECK(s.ask("/digits.txt", {{"If-None-Match", tag}}).start.status == 200);
}

TEST_CASE("a date of change that lies ahead is not told") {
    const site s;
    const timespec times[2] = {{now + 1000, 0}, {now + 1000, 0}};
    REQUIRE(::utimensat(AT_FDCWD, (s.files.path / "digits.txt").c_str(), times, 0) == 0);
    CHECK(field(s.ask("/digits.txt"), "Last-Modified") == "(none)");
}

TEST_CASE("one range is a part of the file") {
    const site s;
    auto a = s.ask("/digits.txt", {{"Range", "bytes=2-4"}});
    CHECK(a.start.status == 206);
    CHECK(field(a, "Content-Range") == "bytes 2-4/10");
    CHECK(field(a, "Content-Length") == "3");
    CHECK(body(a) == "234");
    auto tail = s.ask("/digits.txt", {{"Range", "bytes=-3"}});
    CHECK(body(tail) == "789");
    auto rest = s.ask("/digits.txt", {{"Range", "bytes=8-"}});
    CHECK(body(rest) == "89");
}

TEST_CASE("several ranges are parts of one body, of the length announced") {
    const site s;
    auto a = s.ask("/digits.txt", {{"Range", "bytes=0-1,5-6,9-9"}});
    CHECK(a.start.status == 206);
    const auto type = field(a, "Content-Type");
    REQUIRE(type.starts_with("multipart/byteranges; boundary="));
    const auto length = field(a, "Content-Length");
    const auto bytes = body(a, 3);
    CHECK(std::to_string(bytes.size()) == length);
    CHECK(bytes.find("Content-Range: bytes 5-6/10\r\n") != std::string::npos);
    CHECK(bytes.find("\r\n\r\n56\r\n--") != std::string::npos);
    CHECK(bytes.ends_with("--\r\n"));
}

TEST_CASE("ranges that do not apply") {
    const site s;
    auto beyond = s.ask("/digits.txt", {{"Range", "bytes=10-"}});
    CHECK(beyond.start.status == 416);
    CHECK(field(beyond, "Content-Range") == "bytes */10");
    CHECK(field(beyond, "ETag") == "(none)");
    CHECK(s.ask("/digits.txt", {{"Range", "lines=1-2"}}).start.status == 200);
    CHECK(s.ask("/digits.txt", {{"Range", "bytes=1-2"}}, "HEAD").start.status == 200);
    const auto tag = field(s.ask("/digits.txt"), "ETag");
    CHECK(s.ask("/digits.txt", {{"Range", "bytes=1-2"}, {"If-Range", tag}}).start.status == 206);
    CHECK(s.ask("/digits.txt", {{"Range", "bytes=1-2"}, {"If-Range", "\"x\""}}).start.status == 200);
}

TEST_CASE("a file that shrinks while it is read is an error, not a shorter body") {
    const site s;
    auto a = s.ask("/digits.txt");
    std::string bytes;
    REQUIRE(a.body.read(bytes, 4).has_value());
    std::filesystem::resize_file(s.files.path / "digits.txt", 6);
    auto more = a.body.read(bytes, 100);
    while (more.has_value() && a.body.left() > 0) more = a.body.read(bytes, 100);
    CHECK(more.has_error());
    CHECK(bytes == "012345");
    CHECK(a.body.left() == 4);
}

TEST_CASE("a file that grows while it is read keeps the length announced") {
    const site s;
    auto a = s.ask("/digits.txt");
    s.files.write("digits.txt", "0123456789and more");
    CHECK(body(a) == "0123456789");
}

TEST_CASE("folders are listed only where that was asked for") {
    const site quiet;
    CHECK(quiet.ask("/plain/").start.status == 404);
    const site open{true};
    open.files.write("plain/<b>&\"'.txt", "x");
    open.files.write("plain/javascript:alert(1)", "x");
    open.files.write("plain/\xff\xfe", "x");
    auto a = open.ask("/plain/");
    CHECK(a.start.status == 200);
    const auto page = body(a);
    CHECK(page.find("<b>") == std::string::npos);
    CHECK(page.find("&lt;b&gt;") != std::string::npos);
    CHECK(page.find("href=\"./%3Cb%3E") != std::string::npos);
    CHECK(page.find("href=\"javascript:") == std::string::npos);
    CHECK(page.find("href=\"./%FF%FE\"") != std::string::npos);
    CHECK(page.find("\xef\xbf\xbd\xef\xbf\xbd") != std::string::npos);
    CHECK(page.find("../") != std::string::npos);
    // An index page goes before a listing, and dot names are in none.
    auto home = open.ask("/");
    CHECK(body(home) == "<p>home</p>");
    auto sub = open.ask("/sub/");
    CHECK(body(sub).find("htpasswd") == std::string::npos);
}

TEST_CASE("errors are pages in the form that the client likes") {
    const site s;
    auto text = s.ask("/missing");
    CHECK(field(text, "Content-Type") == "text/plain; charset=utf-8");
    auto html = s.ask("/missing", {{"Accept", "text/html,*/*;q=0.8"}});
    CHECK(field(html, "Content-Type") == "text/html; charset=utf-8");
    CHECK(body(html).find("<h1>404 Not Found</h1>") != std::string::npos);
}
