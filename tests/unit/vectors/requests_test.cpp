#include <doctest/doctest.h>

#include <map>

#include "cgi/incoming.hpp"
#include "vectors.hpp"

using namespace crosstalk;
using namespace crosstalk::vectors;

namespace {

cgi::environ_map request_object(const element& base, const element& v) {
    cgi::environ_map map;
    for (const auto [name, value] : simdjson::dom::object(base))
        map.set(name, bytes(std::string_view(value)));
    if (has(v, "set"))
        for (const auto [name, value] : simdjson::dom::object(v["set"]))
            map.set(name, bytes(std::string_view(value)));
    if (has(v, "remove"))
        for (const element name : simdjson::dom::array(v["remove"])) map.erase(std::string_view(name));
    return map;
}

std::map<std::string, std::string> dictionary(const http::fields& fields) {
    std::map<std::string, std::string> all;
    for (const auto& f : fields) CHECK(all.emplace(f.name, f.value).second);
    return all;
}

void check_headers(const cgi::incoming_request& request, const element& expected) {
    std::map<std::string, std::string> all;
    for (const auto [name, value] : simdjson::dom::object(expected))
        all.emplace(name, bytes(std::string_view(value)));
    CHECK(dictionary(request.headers) == all);
}

void check_length(const cgi::incoming_request& request, const element& expected) {
    CHECK(request.content_length.has_value() == !expected.is_null());
    if (request.content_length && !expected.is_null())
        CHECK(*request.content_length == std::uint64_t(expected));
}

void check_taken(const cgi::incoming_request& request, const element& takes) {
    const std::map<std::string_view, std::string> texts = {{"method", request.method},
                                                           {"target", request.target},
                                                           {"script_name", request.script_name},
                                                           {"path_info", request.path_info},
                                                           {"query", request.query},
                                                           {"scheme", request.scheme},
                                                           {"auth_type", request.auth_type},
                                                           {"remote_user", request.remote_user},
                                                           {"remote_addr", request.remote_addr},
                                                           {"server_name", request.server_name}};
    for (const auto [key, value] : simdjson::dom::object(takes)) {
        INFO(std::string(key));
        if (key == "headers") {
            check_headers(request, value);
        } else if (key == "content_length") {
            check_length(request, value);
        } else {
            REQUIRE(texts.contains(key));
            CHECK(texts.at(key) == bytes(std::string_view(value)));
        }
    }
}

}  // namespace

TEST_CASE("of request objects is taken, dropped and refused what the vectors say") {
    const file vectors("requests.json");
    for (const element& v : vectors.cases("requests")) {
        INFO(text(v, "name"));
        const bool is_gateway = !has(v, "from");
        const auto request =
            cgi::read_incoming(request_object(vectors.root()["base"], v),
                               is_gateway ? cgi::sender::gateway : cgi::sender::anyone,
                               is_gateway ? "http.example.org" : std::string_view(v["from"]));
        if (has(v, "refused")) {
            REQUIRE_FALSE(request.has_value());
            CHECK(cgi::status_of(request.error()) == number(v, "refused"));
        } else {
            REQUIRE(request.has_value());
            check_taken(*request, v["takes"]);
        }
    }
}
