// Texts for net::errc.
#include "net/error.hpp"

#include <string>

namespace crosstalk::net {
namespace {

const char* text_of(errc e) noexcept {
    switch (e) {
        case errc::bad_address:
            return "not ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH";
        case errc::name_not_found:
            return "the name has no address in DNS";
        case errc::service_not_offered:
            return "the domain offers no such service (its SRV record is \".\")";
        case errc::lookup_failed:
            return "no DNS server could answer";
        case errc::lookup_timed_out:
            return "no DNS server answered in time";
        case errc::bad_dns_server:
            return "a DNS server is not written as ADDRESS or ADDRESS:PORT";
        case errc::half_open:
            return "the connection went silent and a ping was not answered";
        case errc::login_timed_out:
            return "the login took too long";
        case errc::tls_not_configured:
            return "TLS is needed but no certificate store is configured";
        case errc::bad_certificate:
            return "no usable certificate in PEM form";
        case errc::bad_key:
            return "no usable private key in PEM form";
        case errc::encrypted_key:
            return "the private key is encrypted";
        case errc::key_mismatch:
            return "the private key does not belong to the certificate";
    }
    return "unknown network error";
}

class net_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.net"; }
    std::string message(int value) const override { return text_of(static_cast<errc>(value)); }
};

}  // namespace

error_code make_error_code(errc e) noexcept {
    static const net_category category;
    return {static_cast<int>(e), category};
}

}  // namespace crosstalk::net
