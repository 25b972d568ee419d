// Which resources of the owners are online, what they can do, and whom to ask next.
//
// Rule 1: pure: time is an argument, and what the exchange knows of a resource is a predicate.
// Rule 2: bounded: so many resources per bare JID, and names of sites; the owner of the table lets in only
//         bare JIDs that have a site.
// Rule 3: who has been found to speak CrossTalk is not downgraded while it stays online.
// Rule 4: each resource is asked in the best way that it understands, and among an owner's resources
//         those that understand the best way are asked.
// Rule 5: who has failed comes after all others for a while, and is tried again then; where there is
//         nobody else he is asked all the same.
// Rule 6: a site that a resource names is asked of those that name it, and of nobody else.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "xmpp/caps.hpp"

namespace crosstalk::ask {

/// How a resource is asked, from worst to best.
enum class dialect : std::uint8_t {
    unknown,    ///< it has yet to say
    none,       ///< it takes no requests
    chat,       ///< CrossTalk as chat messages, as in 2008
    xep0332,    ///< HTTP over XMPP transport
    crosstalk,  ///< the protocol of docs/protocol.md
};
/// What a resource that says this of itself understands best. Chat is for programs: who calls itself
/// anything else may be a person.
[[nodiscard]] dialect dialect_of(const xmpp::disco_info& told);

/// Which of its owner's sites a resource serves, by name. Nothing: those that no other resource names. An
/// empty list: it has yet to say which.
using served_sites = std::optional<std::vector<std::string>>;

struct resource {
    std::string full;
    int priority = 0;
    dialect speaks = dialect::unknown;
    bool suspect = false;  ///< a server on the way to it has reported trouble
    std::optional<base::time_point> set_aside_until;  ///< it has failed
    std::uint64_t turn = 0;  ///< when it was chosen last, among its owner's
    std::optional<xmpp::caps> caps;
    served_sites serves;
    base::time_point names_by{};  ///< while it has yet to say: until when requests wait for that
    // Of the disco#info that was asked of it:
    std::string query;  ///< id, "" when none is under way
    base::time_point asked_at{};
    unsigned asked = 0;  ///< how often
};

class presence_table {
  public:
    static constexpr std::size_t most_resources = 64;
    static constexpr std::size_t most_names = 256;  ///< that all resources of one bare JID name together
    static constexpr base::milliseconds set_aside_for{30'000};
    static constexpr base::milliseconds names_within{5'000};

    /// Notes available presence. The entry, or null when that bare JID has too many.
    resource* available(const std::string& full, int priority, std::optional<xmpp::caps> caps);
    /// What a presence of it says of the sites that it serves. An empty list takes nothing back.
    void told_sites(resource& r, served_sites named, base::time_point now);
    /// Whether that resource was there.
    bool unavailable(std::string_view full);
    void remove_owner(std::string_view bare);
    void clear() noexcept;

    [[nodiscard]] resource* find(std::string_view full) noexcept;
    void learned(resource& r, dialect speaks) noexcept;
    /// Trouble with a whole domain, until something comes from one of its resources.
    void suspect_domain(std::string_view domain);
    void heard_from(std::string_view full) noexcept;
    /// What it was asked it has answered with an error, or not at all.
    void failed(std::string_view full, base::time_point now) noexcept;

    enum class presence { offline, unknown, busy, found };
    struct choice {
        presence what =
            presence::offline;  ///< unknown: somebody is online, and has yet to say what it can do
        const std::string* full = nullptr;
    };
    /// What the exchange says of a resource.
    enum class verdict { usable, busy, unresponsive };
    /// The resource of `bare` to ask for `site` ("": for anything): one that names it, else one that
    /// serves what nobody names. Of these those that have failed last, then the best dialect (chat only
    /// where no resource speaks CrossTalk, or may be about to say so), then suspects last, then the
    /// highest priority, equals in turn.
    [[nodiscard]] choice choose(std::string_view bare, std::string_view site, base::time_point now,
                                const std::function<verdict(const std::string& full)>& judge);

    /// Every resource, for the owner's periodic work.
    void for_each(const std::function<void(resource&)>& visit);
    void for_each_of(std::string_view bare, const std::function<void(const resource&)>& visit) const;
    [[nodiscard]] std::size_t size() const noexcept;

  private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    struct household {
        std::vector<resource> resources;
        std::uint64_t turn = 0;  ///< of the one that was chosen last
    };
    std::unordered_map<std::string, household, text_hash, std::equal_to<>> households_;
    std::size_t suspects_ = 0;  ///< so that heard_from() costs nothing as a rule
};

/// What verified caps hashes stand for (XEP-0115): bounded, the oldest forgotten first.
class caps_cache {
  public:
    explicit caps_cache(std::size_t most = 1024) : most_(most) {}
    [[nodiscard]] std::optional<dialect> find(const xmpp::caps& announced) const;
    /// What a hash that xmpp::verify() has accepted stands for.
    void add(const xmpp::caps& announced, dialect speaks);

  private:
    std::size_t most_;
    std::unordered_map<std::string, dialect> known_;
    std::vector<std::string> order_;  ///< a ring once it is full
    std::size_t next_ = 0;
};

}  // namespace crosstalk::ask
