// Which site belongs to whom: the operator's fixed names and the registry's, as one.
//
// Rule 1: a fixed name wins over the same name in the registry.
// Rule 2: no file and no clock in here: the owner hands in what the registry holds.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/site.hpp"

namespace crosstalk::gateway {

class directory {
  public:
    /// Replaces the operator's names: name -> bare JID.
    void fix(const std::map<std::string, std::string>& fixed);
    /// Replaces what the registry holds.
    void assign(std::vector<site> registered);

    /// The site of that name, or null. Valid until the next fix() or assign().
    [[nodiscard]] const site* find(std::string_view name) const noexcept;
    /// The sites of one bare JID by name.
    [[nodiscard]] std::vector<const site*> of_owner(std::string_view owner) const;
    /// Whether that bare JID has a site.
    [[nodiscard]] bool is_owner(std::string_view bare) const noexcept;
    /// Every bare JID that has a site, once.
    [[nodiscard]] std::vector<std::string> owners() const;
    [[nodiscard]] std::size_t size() const noexcept { return by_name_.size(); }

  private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>()(text);
        }
    };
    void index();

    std::vector<site> fixed_, registered_;
    std::unordered_map<std::string, site, text_hash, std::equal_to<>> by_name_;
    std::unordered_map<std::string, std::vector<std::string>, text_hash, std::equal_to<>> by_owner_;
};

}  // namespace crosstalk::gateway
