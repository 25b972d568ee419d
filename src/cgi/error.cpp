// The texts of cgi's errors, and their HTTP status.
#include "cgi/error.hpp"

#include <boost/system/error_category.hpp>
#include <string>

namespace crosstalk::cgi {
namespace {

const char* text_of(errc e) noexcept {
    switch (e) {
        case errc::bad_method:
            return "the request's method is no token";
        case errc::bad_target:
            return "the request's target is malformed";
        case errc::dot_segment:
            return "the request's path holds dot segments";
        case errc::outside_site:
            return "the request's target is not below the site's prefix";
        case errc::bad_field_value:
            return "a field of the request holds CR, LF or NUL";
        case errc::repeated_field:
            return "a field that may come once was repeated in the request";
        case errc::bad_content_length:
            return "the request's content length is no number up to 2^53-1";
        case errc::inconsistent_target:
            return "the request object's URI and path disagree";
        case errc::bad_protocol:
            return "the request's protocol is neither HTTP/1.0 nor HTTP/1.1";
    }
    return "unknown error of a request object";
}

class category final : public boost::system::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "crosstalk.cgi"; }
    [[nodiscard]] std::string message(int e) const override { return text_of(static_cast<errc>(e)); }
};

}  // namespace

const boost::system::error_category& cgi_category() noexcept {
    static const category the_category;
    return the_category;
}

unsigned status_of(error_code error) noexcept { return error == errc::outside_site ? 404 : 400; }

}  // namespace crosstalk::cgi
