// Media types, Accept, and text in HTML.
#include <doctest/doctest.h>

#include "http/accept.hpp"
#include "http/html.hpp"
#include "http/media_type.hpp"

using namespace crosstalk::http;

TEST_CASE("the extension tells the media type") {
    CHECK(media_type_of("/a/index.html") == "text/html; charset=utf-8");
    CHECK(media_type_of("A.HTM") == "text/html; charset=utf-8");
    CHECK(media_type_of("style.min.css") == "text/css; charset=utf-8");
    CHECK(media_type_of("app.mjs") == "text/javascript; charset=utf-8");
    CHECK(media_type_of("x.json") == "application/json");
    CHECK(media_type_of("x.svg") == "image/svg+xml");
    CHECK(media_type_of("x.png") == "image/png");
    CHECK(media_type_of("x.3gp") == "video/3gpp");
    CHECK(media_type_of("x.zst") == "application/zstd");
    CHECK(media_type_of("x.wasm") == "application/wasm");
    CHECK(media_type_of("site.webmanifest") == "application/manifest+json");
}

TEST_CASE("what has no known extension is bytes") {
    for (const auto* name : {"", "html", "a.", "a.unknown", "a.html/b", "a.html.",
                             "a.averyveryverylongextension", "/dir.css/"}) {
        CAPTURE(name);
        CHECK(media_type_of(name) == "application/octet-stream");
    }
}

TEST_CASE("the closest media range decides how much a type is wanted") {
    CHECK(quality_of("text/html", "text", "html") == 1000);
    CHECK(quality_of("TEXT/HTML;level=1;Q=0.5", "text", "html") == 500);
    CHECK(quality_of("*/*;q=0.1, text/*;q=0.25, text/html;q=0.125", "text", "html") == 125);
    CHECK(quality_of("*/*;q=0.1, text/*;q=0.25", "text", "html") == 250);
    CHECK(quality_of("text/plain;q=1.000", "text", "plain") == 1000);
    CHECK(quality_of("application/json", "text", "html") == 0);
    CHECK(quality_of("", "text", "html") == 0);
    for (const auto* bad : {"text/html;q=2", "text/html;q=1.1", "text/html;q=0.1234",
                            "text/html;q=", "text/html;q=x", "text", "text/", "/html", ";q=1"}) {
        CAPTURE(bad);
        CHECK(quality_of(bad, "text", "html") == 0);
    }
}

TEST_CASE("an error page is HTML for those who take it as gladly as plain text") {
    CHECK(accepts_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    CHECK(accepts_html("*/*"));
    CHECK(accepts_html("text/*"));
    CHECK(!accepts_html("text/plain"));
    CHECK(!accepts_html("text/plain, text/html;q=0.5"));
    CHECK(!accepts_html("text/html;q=0, */*"));
    CHECK(!accepts_html("application/json"));
    CHECK(!accepts_html("image/avif,image/webp"));
    CHECK(!accepts_html(""));
}

TEST_CASE("a coding is wanted as much as its name says, or else the star") {
    CHECK(coding_quality_of("gzip", "gzip") == 1000);
    CHECK(coding_quality_of("deflate, GZIP;Q=0.5 , br;q=0.25", "gzip") == 500);
    CHECK(coding_quality_of("x-gzip;q=0.5", "gzip") == 500);
    CHECK(coding_quality_of("*;q=0.125", "br") == 125);
    CHECK(coding_quality_of("*, br;q=0", "br") == 0);
    CHECK(coding_quality_of("br;q=0, *", "br") == 0);
    CHECK(coding_quality_of("gzip, *;q=0", "br") == 0);
    CHECK(coding_quality_of("gzip, *;q=0", "gzip") == 1000);
    CHECK(coding_quality_of("gzip", "identity") == 0);
    CHECK(coding_quality_of("*;q=0.5", "identity") == 500);
    for (const auto* bad : {"", "gzipped", "gzip;q=2", "gzip;q=", "gzip;q=x", "gzip;q=1.1", "gzip/1",
                            "\"gzip\"", ",,;", "gzip;q=0", "gzip; q=0.000"}) {
        CAPTURE(bad);
        CHECK(coding_quality_of(bad, "gzip") == 0);
    }
}

TEST_CASE("text and what is written like it can be compressed, what is compressed cannot") {
    for (const auto* type :
         {"text/html; charset=utf-8", "TEXT/PLAIN", "text/event-stream", "application/json",
          "application/ld+json", "image/svg+xml;x=y", "application/wasm", " application/javascript ;a",
          "font/ttf", "application/problem+JSON", "image/vnd.microsoft.icon"}) {
        CAPTURE(type);
        CHECK(is_compressible(type));
    }
    for (const auto* type :
         {"", "text", "image/png", "image/jpeg", "video/mp4", "font/woff2", "application/zip",
          "application/octet-stream", "application/pdf", "multipart/byteranges; boundary=B", "+json",
          "application/jsonp", "x; type=text/html"}) {
        CAPTURE(type);
        CHECK_FALSE(is_compressible(type));
    }
    CHECK(is_compressible(media_type_of("a.css")));
    CHECK_FALSE(is_compressible(media_type_of("a.css.gz")));
}

TEST_CASE("text stays text inside HTML") {
    std::string out = "<p>";
    append_html_escaped(out, "<a href=\"x\" b='y'>&amp;\xC3\xA4");
    CHECK(out == "<p>&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;\xC3\xA4");
}
