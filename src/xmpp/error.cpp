// Implementation of error.hpp.
#include "xmpp/error.hpp"

#include <array>
#include <string>
#include <utility>

namespace crosstalk::xmpp {

namespace {

std::string words(errc e) {
    switch (e) {
        case errc::malformed_xml:
            return "the XMPP stream is not well-formed, or uses XML that XMPP forbids";
        case errc::stanza_too_large:
            return "a stanza is larger than its limit";
        case errc::conflict:
            return "someone else is connected to the XMPP server under this name";
        case errc::not_authorized:
            return "the XMPP server refused the secret or the password";
        case errc::host_unknown:
            return "the XMPP server does not serve this domain";
        case errc::policy_violation:
            return "the XMPP server closed the stream for breaking its policy";
        case errc::system_shutdown:
            return "the XMPP server is shutting down";
        case errc::stream_error:
            return "the XMPP server closed the stream with an error";
        case errc::tls_unavailable:
            return "the XMPP server offers no TLS, and nothing is sent without it";
        case errc::no_mechanism:
            return "the XMPP server offers no way to log in that is supported here";
        case errc::server_not_proven:
            return "the XMPP server could not prove that it knows the password";
        case errc::bind_refused:
            return "the XMPP server refused the resource";
        case errc::bad_jid:
            return "not an XMPP address";
        case errc::stream_closed:
            return "the XMPP server closed the stream";
        case errc::too_many_queued:
            return "too much is waiting to be sent to the XMPP server";
        case errc::not_online:
            return "not logged in to the XMPP server";
        case errc::login_out_of_order:
            return "the XMPP server's answer does not fit this step of the login";
        case errc::try_later:
            return "the XMPP server cannot serve this login now";
    }
    return "unknown XMPP error";
}

class xmpp_category final : public boost::system::error_category {
  public:
    [[nodiscard]] const char* name() const noexcept override { return "crosstalk.xmpp"; }
    [[nodiscard]] std::string message(int value) const override {
        return words(static_cast<errc>(value));
    }
};

}  // namespace

error_code make_error_code(errc e) noexcept {
    static const xmpp_category category;
    return {static_cast<int>(e), category};
}

errc stream_condition(std::string_view condition) noexcept {
    static constexpr std::array<std::pair<std::string_view, errc>, 11> known{{
        {"conflict", errc::conflict},
        {"not-authorized", errc::not_authorized},
        {"host-unknown", errc::host_unknown},
        {"host-gone", errc::host_unknown},
        {"policy-violation", errc::policy_violation},
        {"system-shutdown", errc::system_shutdown},
        {"not-well-formed", errc::malformed_xml},
        {"invalid-xml", errc::malformed_xml},
        {"bad-format", errc::malformed_xml},
        {"restricted-xml", errc::malformed_xml},
        {"resource-constraint", errc::try_later},
    }};
    for (const auto& [name, meaning] : known)
        if (name == condition) return meaning;
    return errc::stream_error;
}

errc sasl_condition(std::string_view condition) noexcept {
    if (condition == "temporary-auth-failure") return errc::try_later;
    if (condition == "invalid-mechanism" || condition == "mechanism-too-weak")
        return errc::no_mechanism;
    return errc::not_authorized;
}

}  // namespace crosstalk::xmpp
