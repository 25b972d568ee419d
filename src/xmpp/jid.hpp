// Addresses (RFC 7622; prepared by the profiles of RFC 6122, as the servers do).
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/error.hpp"

namespace crosstalk::xmpp {

class jid {
  public:
    jid() = default;
    /// Prepares what a person typed: nodeprep, nameprep, resourceprep; each part at most 1023 bytes.
    [[nodiscard]] static result<jid> parse(std::string_view text);
    /// Takes what a server wrote: split and bounded, not prepared again.
    [[nodiscard]] static result<jid> from_server(std::string_view text);

    [[nodiscard]] const std::string& node() const noexcept { return node_; }
    [[nodiscard]] const std::string& domain() const noexcept { return domain_; }
    [[nodiscard]] const std::string& resource() const noexcept { return resource_; }
    [[nodiscard]] std::string bare() const;
    [[nodiscard]] std::string full() const;  ///< bare when there is no resource
    [[nodiscard]] bool is_bare() const noexcept { return resource_.empty(); }
    bool operator==(const jid&) const = default;

  private:
    std::string node_, domain_, resource_;
};

/// The part before the first slash, without parsing the rest.
[[nodiscard]] std::string_view bare_of(std::string_view full) noexcept;
/// The domain of a JID, without parsing the rest.
[[nodiscard]] std::string_view domain_of(std::string_view full) noexcept;

}  // namespace crosstalk::xmpp
