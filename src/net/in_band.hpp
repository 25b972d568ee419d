// What travels in the stanzas of an xmpp_link, as the owner of that link sees it: one carriage, or all
// of them together.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "net/xmpp_link.hpp"

namespace crosstalk::net {

class in_band {
  public:
    in_band() = default;
    in_band(const in_band&) = delete;
    in_band& operator=(const in_band&) = delete;
    virtual ~in_band() = default;

    // To be called by the owner of the xmpp_link, from its events.

    /// Whether the stanza was this carriage's business; then it is dealt with.
    virtual bool receive(const xmpp::element& stanza) = 0;
    virtual void on_online(const xmpp::online& how) = 0;
    /// `why`: how the stream has ended.
    virtual void on_offline(const error_code& why) = 0;
    /// Also after anything that the owner itself did outside of a call.
    virtual void on_idle() = 0;
    /// That full JID has become unavailable.
    virtual void unavailable(const std::string& full_jid) = 0;
    /// That full JID has shown itself available, maybe anew (presence of a resource that was known).
    virtual void available(const std::string& full_jid) = 0;
    /// Whether the resource answers: false between a missed pong and its next stanza.
    [[nodiscard]] virtual bool is_responsive(const std::string& full_jid) const = 0;
    [[nodiscard]] virtual std::size_t open_count() const noexcept = 0;
    [[nodiscard]] virtual std::size_t open_count(const std::string& full_jid) const noexcept = 0;
};

/// The carriages of one link. A stanza is the first one's whose business it is.
class in_band_group final : public in_band {
  public:
    /// They must outlive this.
    in_band_group(std::initializer_list<in_band*> all) : all_(all) {}

    bool receive(const xmpp::element& stanza) override;
    void on_online(const xmpp::online& how) override;
    void on_offline(const error_code& why) override;
    void on_idle() override;
    void unavailable(const std::string& full_jid) override;
    void available(const std::string& full_jid) override;
    [[nodiscard]] bool is_responsive(const std::string& full_jid) const override;
    [[nodiscard]] std::size_t open_count() const noexcept override;
    [[nodiscard]] std::size_t open_count(const std::string& full_jid) const noexcept override;

  private:
    std::vector<in_band*> all_;
};

}  // namespace crosstalk::net
