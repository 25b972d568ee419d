// Which site belongs to whom: the operator's fixed names and the registry's, as one.
//
// Rule 1: a fixed name wins over the same name in the registry.
// Rule 2: no file and no clock in here: the owner hands in what the registry holds.
// Rule 3: a change costs as much as what has changed, however many sites there are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/site.hpp"

namespace crosstalk::gateway {

class directory {
  public:
    /// Replaces the operator's sites.
    void fix(const std::vector<site>& fixed);
    /// Replaces what the registry holds.
    void assign(std::vector<site> registered);
    /// Puts one of the registry's sites in, in place of what it was before.
    void put(site registered);
    /// One of the registry's sites is no more.
    void remove(std::string_view name);

    /// The site of that name, or null. Valid until something changes.
    [[nodiscard]] const site* find(std::string_view name) const noexcept;
    /// The site that has this host of its own, or null.
    [[nodiscard]] const site* find_host(std::string_view host) const noexcept;
    /// The sites of one bare JID by name.
    [[nodiscard]] std::vector<const site*> of_owner(std::string_view owner) const;
    /// How many sites of the registry the bare JIDs of one domain have together.
    [[nodiscard]] std::size_t registered_in(std::string_view domain) const noexcept;
    /// Whether that bare JID has a site.
    [[nodiscard]] bool is_owner(std::string_view bare) const noexcept;
    /// Every bare JID that has a site, once, in no order.
    [[nodiscard]] std::vector<std::string> owners() const;
    [[nodiscard]] std::size_t size() const noexcept { return sites_.size(); }
    /// Visits every site, in no order.
    void for_each(const std::function<void(const site&)>& visit) const;

  private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    template <class T>
    using by_text = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;
    /// What is said of one name: the fixed one is shown, the other kept for the day that it is not fixed.
    struct entry {
        std::unique_ptr<site> fixed, registered;
        [[nodiscard]] const site* shown() const noexcept { return fixed ? fixed.get() : registered.get(); }
    };
    void change(std::string_view name, const std::function<void(entry&)>& how);
    void link(const site& shown);
    void unlink(const site& hidden);

    by_text<entry> sites_;
    by_text<std::vector<std::string>> by_owner_;  ///< names, sorted
    by_text<std::string> by_host_;                ///< host -> name
    by_text<std::size_t> registered_in_;          ///< domain -> how many, never 0
};

}  // namespace crosstalk::gateway
