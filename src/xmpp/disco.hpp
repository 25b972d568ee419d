// Service discovery (XEP-0030) with its forms (XEP-0128), as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/data_form.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::xmpp {

struct identity {
    std::string category, type, name, lang;
    bool operator==(const identity&) const = default;
};

struct disco_info {
    std::vector<identity> identities;
    std::vector<std::string> features;
    std::vector<data_form> forms;

    [[nodiscard]] bool has(std::string_view feature) const noexcept;
    [[nodiscard]] bool is(std::string_view category, std::string_view type) const noexcept;
    bool operator==(const disco_info&) const = default;
};

struct disco_item {
    std::string jid, node, name;
    bool operator==(const disco_item&) const = default;
};

/// <query xmlns='…disco#info'/>; `node` is left out when it is "".
[[nodiscard]] element to_element(const disco_info& info, std::string_view node = {});
/// From that <query/>; nothing when it is something else.
[[nodiscard]] std::optional<disco_info> read_disco_info(const element& query);

/// <query xmlns='…disco#items'/>.
[[nodiscard]] element to_element(const std::vector<disco_item>& items, std::string_view node = {});
[[nodiscard]] std::optional<std::vector<disco_item>> read_disco_items(const element& query);

}  // namespace crosstalk::xmpp
