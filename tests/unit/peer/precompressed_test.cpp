// Files that were compressed in advance.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "peer/folder.hpp"
#include "temporary_folder.hpp"

using namespace crosstalk;

namespace {

struct site {
    site() {
        files.write("a.css", "the style itself");
        files.write("a.css.gz", "G-0123456789");
        files.write("a.css.br", "B-0123456789");
        files.write("only.js", "the script itself");
        files.write("only.js.gz", "G-script");
        files.write("index.html", "the page itself");
        files.write("index.html.br", "B-page");
        files.write("old.css", "new");
        files.write("old.css.br", "B-old");
        files.write("picture.png", "the picture");
        files.write("picture.png.gz", "G-picture");
        files.write("odd.css", "style beside a folder");
        files.write("odd.css.br/x", "");
        for (const char* name : {"a.css", "only.js", "index.html", "old.css", "picture.png", "odd.css"})
            set_time(name, 2000);
        for (const char* name : {"a.css.gz", "only.js.gz", "index.html.br", "picture.png.gz"})
            set_time(name, 2000);
        set_time("a.css.br", 3000);
        set_time("old.css.br", 1999);
    }

    void set_time(const std::string& name, time_t seconds) const {
        const timespec times[2] = {{seconds, 5}, {seconds, 5}};
        REQUIRE(::utimensat(AT_FDCWD, (files.path / name).c_str(), times, 0) == 0);
    }

    [[nodiscard]] peer::answer ask(const std::string& target, http::fields headers,
                                   std::string method = "GET") const {
        auto folder = peer::folder::open({files.path.string(), false});
        REQUIRE(folder.has_value());
        cgi::incoming_request request;
        request.method = std::move(method);
        request.headers = std::move(headers);
        request.target = request.path_info = target;
        return folder->respond(request, 4'000'000'000);
    }

    temporary_folder files;
};

std::string field(const peer::answer& a, std::string_view name) {
    const auto* value = a.start.headers.find(name);
    return value != nullptr ? *value : "(none)";
}

std::string body(peer::answer a) {
    std::string bytes;
    REQUIRE(a.body.read(bytes, 1000).has_value());
    return bytes;
}

}  // namespace

TEST_CASE("a file that was compressed in advance stands for its original where that is taken") {
    const site s;
    auto a = s.ask("/a.css", {{"Accept-Encoding", "gzip, br"}});
    CHECK(a.start.status == 200);
    CHECK(field(a, "Content-Encoding") == "br");
    CHECK(field(a, "Content-Type") == "text/css; charset=utf-8");
    CHECK(field(a, "Content-Length") == "12");
    CHECK(field(a, "Vary") == "Accept-Encoding");
    CHECK(body(std::move(a)) == "B-0123456789");
    CHECK(body(s.ask("/a.css", {{"Accept-Encoding", "gzip"}})) == "G-0123456789");
    CHECK(body(s.ask("/only.js", {{"Accept-Encoding", "gzip, br"}})) == "G-script");
    CHECK(body(s.ask("/", {{"Accept-Encoding", "br"}})) == "B-page");
    CHECK(field(s.ask("/a.css", {{"Accept-Encoding", "br"}}, "HEAD"), "Content-Length") == "12");
}

TEST_CASE("the original comes where nothing fits") {
    const site s;
    for (const char* accepted : {"", "identity", "br;q=0, gzip;q=0", "*;q=0"}) {
        auto a = s.ask("/a.css", {{"Accept-Encoding", accepted}});
        CHECK(field(a, "Content-Encoding") == "(none)");
        CHECK(body(std::move(a)) == "the style itself");
    }
    CHECK(body(s.ask("/only.js", {{"Accept-Encoding", "br"}})) == "the script itself");
    CHECK(body(s.ask("/old.css", {{"Accept-Encoding", "br"}})) == "new");
    CHECK(body(s.ask("/odd.css", {{"Accept-Encoding", "br"}})) == "style beside a folder");
    CHECK(body(s.ask("/picture.png", {{"Accept-Encoding", "gzip"}})) == "the picture");
    CHECK(field(s.ask("/a.css.gz", {{"Accept-Encoding", "gzip"}}), "Content-Encoding") == "(none)");
}

TEST_CASE("each has a tag, conditions and ranges of its own") {
    const site s;
    const auto plain = field(s.ask("/a.css", {}), "ETag");
    const auto packed = field(s.ask("/a.css", {{"Accept-Encoding", "br"}}), "ETag");
    CHECK(plain != packed);
    CHECK(packed.starts_with('"'));
    CHECK(s.ask("/a.css", {{"Accept-Encoding", "br"}, {"If-None-Match", plain}}).start.status == 200);
    const auto same = s.ask("/a.css", {{"Accept-Encoding", "br"}, {"If-None-Match", packed}});
    CHECK(same.start.status == 304);
    CHECK(field(same, "Vary") == "Accept-Encoding");
    CHECK(field(same, "Content-Encoding") == "(none)");
    auto part =
        s.ask("/a.css", {{"Accept-Encoding", "br"}, {"Range", "bytes=2-4"}, {"If-Range", packed}});
    CHECK(part.start.status == 206);
    CHECK(field(part, "Content-Encoding") == "br");
    CHECK(field(part, "Content-Range") == "bytes 2-4/12");
    CHECK(body(std::move(part)) == "012");
    const auto other =
        s.ask("/a.css", {{"Accept-Encoding", "br"}, {"Range", "bytes=2-4"}, {"If-Range", plain}});
    CHECK(other.start.status == 200);
    const auto none = s.ask("/a.css", {{"Accept-Encoding", "br"}, {"Range", "bytes=12-"}});
    CHECK(none.start.status == 416);
    CHECK(field(none, "Content-Encoding") == "(none)");
}
