// Implementation of scram.hpp; names follow RFC 5802, section 3.
#include "xmpp/scram.hpp"

#include <stringprep.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/base64.hpp"
#include "xmpp/characters.hpp"

namespace crosstalk::xmpp {

namespace {

constexpr std::size_t max_message = 16 * 1024;
constexpr std::size_t max_password = 1024;

/// `=` and `,` as a saslname may hold them (section 5.1).
std::string escape_name(std::string_view user) {
    std::string out;
    for (const char c : user) {
        if (c == '=')
            out += "=3D";
        else if (c == ',')
            out += "=2C";
        else
            out += c;
    }
    return out;
}

/// Takes `key=value` off the front of a message, with the comma that ends it.
std::optional<std::string_view> take(std::string_view& message, char key) {
    if (message.size() < 2 || message[0] != key || message[1] != '=') return std::nullopt;
    const std::size_t comma = message.find(',');
    const std::string_view value =
        message.substr(2, comma == std::string_view::npos ? comma : comma - 2);
    message.remove_prefix(comma == std::string_view::npos ? message.size() : comma + 1);
    return value;
}

struct server_challenge {
    std::string nonce, salt;
    unsigned iterations = 0;
};

std::optional<server_challenge> read_challenge(std::string_view message, std::string_view our_nonce) {
    if (message.size() > max_message) return std::nullopt;
    const auto nonce = take(message, 'r');
    const auto salt = nonce ? take(message, 's') : std::nullopt;
    const auto count = salt ? take(message, 'i') : std::nullopt;
    if (!count || !nonce->starts_with(our_nonce) || nonce->size() == our_nonce.size())
        return std::nullopt;
    const auto is_printable = [](char c) { return c > 0x20 && c < 0x7F; };
    if (!std::ranges::all_of(*nonce, is_printable)) return std::nullopt;

    const std::optional<std::string> raw_salt = base::from_base64(*salt);
    server_challenge challenge;
    const char* end = count->data() + count->size();
    const auto [rest, problem] = std::from_chars(count->data(), end, challenge.iterations);
    if (problem != std::errc() || rest != end || !raw_salt || raw_salt->empty()) return std::nullopt;
    if (challenge.iterations < 1 || challenge.iterations > scram_client::max_iterations)
        return std::nullopt;
    challenge.nonce = *nonce;
    challenge.salt = *raw_salt;
    return challenge;
}

}  // namespace

result<std::string> saslprep(std::string_view text) {
    if (text.empty() || text.size() > max_password || !is_legal_text(text)) return errc::not_authorized;
    std::vector<char> buffer(text.begin(), text.end());
    buffer.resize(8 * max_password);
    const int outcome =
        ::stringprep(buffer.data(), buffer.size(), Stringprep_profile_flags{}, stringprep_saslprep);
    if (outcome != STRINGPREP_OK || buffer.front() == '\0') return errc::not_authorized;
    return std::string(buffer.data());
}

scram_client::scram_client(base::hash algorithm, std::string_view user, std::string password,
                           std::string nonce, channel_binding binding)
    : algorithm_(algorithm),
      password_(std::move(password)),
      nonce_(std::move(nonce)),
      binding_(std::move(binding)),
      first_bare_("n=" + escape_name(user) + ",r=" + nonce_) {}

std::string scram_client::gs2_header() const {
    switch (binding_.use) {
        case channel_binding::kind::used:
            return "p=" + binding_.type + ",,";
        case channel_binding::kind::not_offered:
            return "y,,";
        case channel_binding::kind::unsupported:
            break;
    }
    return "n,,";
}

std::string scram_client::first_message() const { return gs2_header() + first_bare_; }

result<std::string> scram_client::final_message(std::string_view server_first) {
    const std::optional<server_challenge> challenge = read_challenge(server_first, nonce_);
    if (!challenge) return errc::server_not_proven;

    const std::string bound =
        binding_.use == channel_binding::kind::used ? binding_.value : std::string();
    const std::string without_proof =
        "c=" + base::to_base64(gs2_header() + bound) + ",r=" + challenge->nonce;
    const std::string auth_message =
        first_bare_ + "," + std::string(server_first) + "," + without_proof;

    const std::string salted =
        base::pbkdf2(algorithm_, password_, challenge->salt, challenge->iterations);
    const std::string client_key = base::hmac(algorithm_, salted, "Client Key");
    const std::string stored_key = base::digest(algorithm_, client_key);
    std::string proof = base::hmac(algorithm_, stored_key, auth_message);
    for (std::size_t i = 0; i < proof.size(); ++i)
        proof[i] = static_cast<char>(proof[i] ^ client_key[i]);

    const std::string server_key = base::hmac(algorithm_, salted, "Server Key");
    expected_signature_ = base::hmac(algorithm_, server_key, auth_message);
    return without_proof + ",p=" + base::to_base64(proof);
}

result<void> scram_client::verify(std::string_view server_final) const {
    if (server_final.starts_with("e=")) return errc::not_authorized;
    if (expected_signature_.empty() || server_final.size() > max_message)
        return errc::server_not_proven;
    const auto signature = take(server_final, 'v');
    const auto raw = signature ? base::from_base64(*signature) : std::nullopt;
    if (!raw || !base::equal_in_constant_time(*raw, expected_signature_))
        return errc::server_not_proven;
    return {};
}

}  // namespace crosstalk::xmpp
