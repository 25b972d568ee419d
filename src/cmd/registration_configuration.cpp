// See registration_configuration.hpp.
#include "cmd/registration_configuration.hpp"

#include "cmd/addresses.hpp"
#include "gateway/site.hpp"

namespace crosstalk::cmd {

using gateway::settings;

namespace {

/// The domains that "local" stands for: the component's parent domain unless the file names others.
std::vector<std::string> read_local_domains(toml_file& file, settings const& s) {
    auto const named = file.texts("sites.local_domains");
    if (!named) return {s.component.domain.substr(s.component.domain.find('.') + 1)};
    std::vector<std::string> domains;
    for (std::size_t i = 0; i < named->size(); ++i) {
        if (auto domain = parse_domain((*named)[i]))
            domains.push_back(std::move(*domain));
        else
            file.refuse_item("sites.local_domains", i, R"(a domain like "example.org")");
    }
    return domains;
}

void read_reserved_names(toml_file& file, settings& s) {
    auto names = file.texts("sites.reserved");
    if (!names) return;
    for (std::size_t i = 0; i < names->size(); ++i)
        if (!gateway::is_site_name((*names)[i]))
            file.refuse_item("sites.reserved", i, "a site name (1 to 63 of a-z, 0-9 and -, none at the ends)");
    s.sites.registration.reserved = std::move(*names);
}

}  // namespace

void read_registration(toml_file& file, settings& s) {
    constexpr std::string_view key = "sites.registration";
    auto const local = read_local_domains(file, s);
    read_reserved_names(file, s);
    auto& rules = s.sites.registration;
    auto const words = file.text_or_texts(key);
    for (std::string const& word : words ? *words : std::vector<std::string>{"local"}) {
        if (word == "open")
            rules.is_for_anybody = true;
        else if (word == "local")
            rules.who.insert(rules.who.end(), local.begin(), local.end());
        else if (auto jid = parse_bare_jid(word))
            rules.who.push_back(std::move(*jid));
        else if (auto domain = word.find('.') == std::string::npos ? std::nullopt : parse_domain(word))
            rules.who.push_back(std::move(*domain));
        else if (word != "closed" || words->size() > 1)
            file.complain(key, R"(expected "closed" alone, or any of "local", "open", domains and JIDs, found ")" + word + '"');
    }
    bool const is_open = rules.is_for_anybody || !rules.who.empty();
    if (words && is_open && s.sites.registry.empty())
        file.complain(key, R"(names that people bind need a registry to be kept in: set sites.registry, for one to "sqlite:/PATH")");
}

}  // namespace crosstalk::cmd
