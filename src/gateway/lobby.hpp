// What a person or a program that looks around finds here: the gateway's card, the sites that everybody sees,
// and an address for each of those, NAME@DOMAIN.
//
// Rule 1: stanzas in, stanzas out; no clock, no I/O. An error or a result is never answered.
// Rule 2: a site that not everybody sees is not there.
// Rule 3: a list is bounded, and made once for as long as nothing changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/registrar.hpp"
#include "gateway/routes.hpp"
#include "xmpp/services.hpp"
#include "xmpp/vcard.hpp"

namespace crosstalk::gateway {

struct lobby_settings {
    std::string domain, version;
    route_settings routes;       ///< for the URLs of sites
    bool lists_sites = false;
};

/// The gateway's own card. `url`: where the public finds it.
[[nodiscard]] xmpp::vcard card_of(std::string url);

class lobby {
  public:
    static constexpr std::size_t most_listed = 500;

    /// `names` must outlive this.
    lobby(lobby_settings settings, const registrar& names) : settings_(std::move(settings)), names_(names) {}
    void configure(lobby_settings settings);

    /// Whether it is for a site's address, or asks for the gateway's card or its items. Nobody else may answer.
    [[nodiscard]] bool is_asked(const xmpp::element& stanza) const;
    /// The answer, if one is owed.
    [[nodiscard]] std::optional<xmpp::element> answer(const xmpp::element& stanza, const xmpp::moment& when);

  private:
    [[nodiscard]] bool is_open(const site& s) const;
    [[nodiscard]] std::optional<xmpp::element> answer_for_site(const xmpp::element& stanza, const xmpp::moment& when) const;
    [[nodiscard]] const std::vector<xmpp::disco_item>& items();

    lobby_settings settings_;
    const registrar& names_;
    std::optional<std::uint64_t> listed_at_;  ///< the registrar's revision; nothing when the list is old
    std::vector<xmpp::disco_item> items_;
};

}  // namespace crosstalk::gateway
