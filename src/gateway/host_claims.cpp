// See host_claims.hpp.
#include "gateway/host_claims.hpp"

#include <algorithm>
#include <utility>

#include "base/digest.hpp"
#include "http/target.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;

namespace {

stanza_error how_to_prove(const std::string& host, const std::string& text) {
    return {condition::not_authorized,
            "Prove that " + host + " is yours: put the record  " + proof_record(host) + ". TXT \"" + text +
                "\"  into the DNS, and ask again. It may take some minutes to be seen."};
}

/// "WWW.Example.net." -> "www.example.net"; "" when it is no host.
std::string prepared(const std::string& typed) {
    const auto parsed = http::parse_authority(typed.ends_with('.') ? typed.substr(0, typed.size() - 1) : typed);
    return parsed && parsed->port == 0 ? parsed->host : std::string();
}

}  // namespace

std::string proof_record(const std::string& host) { return "_crosstalk." + host; }

std::string proof_text(const std::string& secret, const std::string& host, const std::string& owner) {
    constexpr std::size_t digits = 40;
    return "crosstalk=" + base::to_hex(base::hmac(base::hash::sha256, secret, host + '\n' + owner)).substr(0, digits);
}

net::awaitable<registrar::refusal> host_claims::claim(std::string owner, std::string name, std::string typed,
                                                      std::string base) {
    const auto host = prepared(typed.substr(0, 1024));
    if (!is_own_host(host, base))
        co_return stanza_error(condition::not_acceptable,
                               "That is no host that a site can have. It has to be a name like www.example.net, in "
                               "the DNS, and not below " + base + '.');
    const auto secret = co_await names_.secret("host-proof");
    if (!secret)
        co_return stanza_error(condition::internal_server_error, "The gateway cannot read its registry just now. Try again later.");
    const auto wanted = proof_text(*secret, host, owner);
    const auto texts = co_await dns_.texts(proof_record(host));
    if (!texts)
        co_return stanza_error(condition::remote_server_timeout,
                               "The DNS does not answer for " + host + " (" + texts.error().message() + "). Try again later.");
    if (std::ranges::find(*texts, wanted) == texts->end()) co_return how_to_prove(host, wanted);
    auto why = co_await names_.add_host(std::move(owner), std::move(name), host);
    co_return why;
}

}  // namespace crosstalk::gateway
