#include "talk/http_stanza.hpp"

#include "http_network.hpp"
#include "talk/decoder.hpp"
#include "talk/http_mapping.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using form = http_body::form;

namespace {

xmpp::element parsed(const std::string& xml) {
    test::network net;
    return net.parse("<iq>" + xml + "</iq>").children().front();
}
result<http_response> response_of(const std::string& data) {
    return read_http_response(parsed(test::resp(data)));
}
std::string whole(const std::string& data) {
    const auto read = response_of(data);
    REQUIRE(read.has_value());
    CHECK(read->body.how == form::whole);
    return read->body.bytes;
}
error_code failure_of(const std::string& xml) {
    const auto element = parsed(xml);
    const auto error = element.name() == "req" ? read_http_request(element).error()
                                               : read_http_response(element).error();
    return error;
}

}  // namespace

TEST_CASE("every encoding that stands beside a head is read") {
    CHECK(whole("<text>a&lt;b&gt; \xC3\xA9\n</text>") == "a<b> \xC3\xA9\n");
    CHECK(whole("<text/>").empty());
    CHECK(whole("<base64>AP8=</base64>") == std::string("\0\xFF", 2));
    CHECK(whole("<base64>\n AP\r\n8=\t</base64>") == std::string("\0\xFF", 2));
    CHECK(whole("<xml><s:a xmlns:s='urn:s' s:b='1'>x<c xmlns=''>&amp;</c>y</s:a></xml>") ==
          "<a xmlns='urn:s' xmlns:a0='urn:s' a0:b='1'>x<c xmlns=''>&amp;</c>y</a>");
    CHECK(whole("<xml>plain</xml>") == "plain");
    CHECK(response_of("")->body.how == form::none);
    const auto chunks = response_of("<chunkedBase64 streamId='s1'/>");
    CHECK(chunks->body.how == form::chunks);
    CHECK(chunks->body.stream == "s1");
    CHECK(response_of("<ibb sid='s2'/>")->body.how == form::bytestream);
}

TEST_CASE("what was not offered or is malformed is an error") {
    using test::resp;
    CHECK(failure_of(resp("<sipub xmlns='http://jabber.org/protocol/sipub'/>")) ==
          errc::unoffered_encoding);
    CHECK(failure_of(resp("<jingle xmlns='urn:xmpp:jingle:1'/>")) == errc::unoffered_encoding);
    CHECK(failure_of(resp("<s5 sid='x'/>")) == errc::unoffered_encoding);
    CHECK(failure_of(resp("<base64>A</base64>")) == errc::bad_base64);
    CHECK(failure_of(resp("<chunkedBase64/>")) == errc::malformed_http);
    CHECK(failure_of(resp("<ibb sid='" + std::string(513, 'x') + "'/>")) == errc::malformed_http);
    for (const char* const status : {"", "100", "199", "600", "2OO", "-200", "99999999999999999999"})
        CHECK(failure_of(resp("", "", status)) == errc::malformed_http);
    CHECK(failure_of(resp("", "<header name='a b'>x</header>")) == errc::bad_http_header);
    CHECK(failure_of(resp("", "<header>x</header>")) == errc::bad_http_header);
    CHECK(failure_of(resp("", "<header name='A'>x\ny</header>")) == errc::bad_http_header);
    CHECK(failure_of("<req xmlns='urn:xmpp:http' method='GE T' resource='/'/>") ==
          errc::malformed_http);
    CHECK(failure_of("<req xmlns='urn:xmpp:http' method='GET'/>") == errc::malformed_http);
    for (const char* const size : {"255", "0", "-1", "x", ""})
        CHECK(failure_of("<req xmlns='urn:xmpp:http' method='GET' resource='/' maxChunkSize='" +
                         std::string(size) + "'/>") == errc::malformed_http);
}

TEST_CASE("headers keep their order, their repeats and their bytes") {
    const auto read = read_http_response(parsed(
        test::resp("",
                   "<header name='Set-Cookie'>a=1</header><header name='X'>\n \xC3\xA9 \n</header>"
                   "<other/><header name='set-cookie'>b=2</header>")));
    REQUIRE(read.has_value());
    CHECK(read->start.headers ==
          http::fields{{"Set-Cookie", "a=1"}, {"X", "\xC3\xA9"}, {"set-cookie", "b=2"}});
}

TEST_CASE("a header's value that is no UTF-8 is written as ISO 8859-1") {
    CHECK(header_text("plain \t") == "plain \t");
    CHECK(header_text("\xC3\xA9") == "\xC3\xA9");
    CHECK(header_text("\xE9") == "\xC3\xA9");
    CHECK(header_text("\xEF\xBF\xBE") == "\xC3\xAF\xC2\xBF\xC2\xBE");
    CHECK(header_text("\xFF"
                      "a") ==
          "\xC3\xBF"
          "a");
}

TEST_CASE("bodies are written as text only where that means the same") {
    const auto encoding = [](const std::string& bytes, const char* type) {
        http_response r;
        if (type != nullptr) r.start.headers.add("Content-Type", type);
        r.body = {form::whole, bytes, {}};
        const auto element = to_element(r);
        return element.child("data", xmpp::ns::http)->children().front().name();
    };
    CHECK(encoding("a<b>", nullptr) == "text");
    CHECK(encoding("a", "image/png") == "text");
    CHECK(encoding("\xC3\xA9", "text/html; charset=UTF-8") == "text");
    CHECK(encoding("\xC3\xA9", "text/html; charset=\"utf-8\"") == "text");
    CHECK(encoding("\xC3\xA9", "text/html") == "base64");
    CHECK(encoding("\xC3\xA9", nullptr) == "base64");
    CHECK(encoding("a", "text/plain; charset=utf-16") == "base64");
    CHECK(encoding("a\r\nb", "text/plain") == "base64");
    CHECK(encoding(std::string("\0", 1), "text/plain") == "base64");
    CHECK(encoding("\xFF", "text/plain; charset=utf-8") == "base64");
}

TEST_CASE("a request is written as the schema has it, and refuses what was not implemented") {
    const auto asked = to_http_request(test::a_request("POST", "/a%20b?c", {{"X-Y", "<&'\">"}}));
    REQUIRE(asked.has_value());
    const auto xml = to_element(*asked).to_xml();
    CHECK(
        xml.starts_with("<req xmlns='urn:xmpp:http' method='POST' resource='/a%20b?c' version='1.1' "
                        "maxChunkSize='4096' sipub='false' ibb='true' jingle='false' s5='false'>"));
    CHECK(xml.find("<header name='X-Y'>&lt;&amp;&apos;\"&gt;</header>") != std::string::npos);
    CHECK(xml.find("<header name='X-Forwarded-For'>192.0.2.7</header>") != std::string::npos);
    CHECK(xml.find("<data>") == std::string::npos);
}

TEST_CASE("a site below a path is asked for what is below it, and its addresses are put back") {
    CHECK(to_http_request(test::a_request("GET", "/romeo/x?y", {}, "/romeo"))->resource == "/x?y");
    CHECK(to_http_request(test::a_request("GET", "/romeo?y", {}, "/romeo"))->resource == "/?y");
    CHECK(to_http_request(test::a_request("OPTIONS", "*"))->resource == "*");
    http::fields headers{{"Location", "/login"}, {"content-location", "/"}, {"X", "/"}};
    put_below(headers, "/romeo");
    CHECK(headers ==
          http::fields{{"Location", "/romeo/login"}, {"content-location", "/romeo/"}, {"X", "/"}});
    headers = {{"Location", "//other/"}, {"Location", "http://other/"}, {"Location", "x"}};
    const auto before = headers;
    put_below(headers, "/romeo");
    CHECK(headers == before);
}

TEST_CASE("a method that the schema lacks is not asked for") {
    CHECK(to_http_request(test::a_request("PROPFIND")).error() == errc::unsupported_method);
    for (const char* const method : {"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
        CHECK(to_http_request(test::a_request(method)).has_value());
}

TEST_CASE("a request object is made by the rules of request objects") {
    http_request asked;
    asked.method = "GET";
    asked.resource = "/a?b";
    asked.headers = {{"Host", "romeo.example.org:81"},
                     {"Connection", "X-Hop"},
                     {"X-Hop", "1"},
                     {"TE", "trailers"},
                     {"Proxy", "http://evil"},
                     {"X-Forwarded-For", "192.0.2.9"},
                     {"Cookie", "a=1"},
                     {"Cookie", "b=2"},
                     {"X_Y", "1"}};
    const auto request = to_request_object(asked, "example.org");
    REQUIRE(request.has_value());
    CHECK(request->get("REQUEST_METHOD") == "GET");
    CHECK(request->get("REQUEST_URI") == "/a?b");
    CHECK(request->get("PATH_INFO") == "/a");
    CHECK(request->get("SERVER_NAME") == "romeo.example.org");
    CHECK(request->get("SERVER_PORT") == "81");
    CHECK(request->get("HTTP_COOKIE") == "a=1; b=2");
    CHECK(request->get("HTTP_X_FORWARDED_FOR") == "192.0.2.9");
    for (const char* const name : {"HTTP_X_HOP", "HTTP_TE", "HTTP_PROXY", "HTTP_X_Y", "REMOTE_USER"})
        CHECK(request->find(name) == nullptr);
    asked.headers = {};
    CHECK(to_request_object(asked, "example.org")->get("HTTP_HOST") == "example.org");
    for (const char* const bad : {"/../x", "x", "http://a/", "/%zz", "/a b"}) {
        asked.resource = bad;
        CHECK_FALSE(to_request_object(asked, "example.org").has_value());
    }
    asked.resource = "/";
    asked.headers = {{"Host", "a"}, {"Host", "b"}};
    CHECK_FALSE(to_request_object(asked, "example.org").has_value());
}

TEST_CASE("chunks and blocks are read whole or not at all") {
    const auto chunk = [](const std::string& attributes, const std::string& text) {
        return read_http_chunk(
            parsed("<chunk xmlns='urn:xmpp:http' streamId='s'" + attributes + ">" + text + "</chunk>"));
    };
    const auto last = chunk(" nr='7' last='true'", "YQ==");
    REQUIRE(last.has_value());
    CHECK(last->number == 7);
    CHECK(last->is_last);
    CHECK(last->bytes == "a");
    CHECK_FALSE(chunk(" nr='0' last='false'", "")->is_last);
    CHECK(chunk("", "YQ==").error() == errc::malformed_http);
    CHECK(chunk(" nr='-1'", "YQ==").error() == errc::malformed_http);
    CHECK(chunk(" nr='9007199254740992'", "YQ==").error() == errc::malformed_http);
    CHECK(chunk(" nr='0'", "YQ=").error() == errc::bad_base64);
    const auto block = [](const std::string& seq, const std::string& text) {
        return read_stream_block(parsed("<data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='" +
                                        seq + "'>" + text + "</data>"));
    };
    CHECK(block("65535", "YQ==")->sequence == 65'535);
    CHECK(block("65536", "YQ==").error() == errc::malformed_http);
    CHECK(block("0", "*").error() == errc::bad_base64);
}
