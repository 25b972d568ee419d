// See admin_configuration.hpp.
#include "cmd/admin_configuration.hpp"

#include "cmd/addresses.hpp"

namespace crosstalk::cmd {

void read_admin(toml_file& file, gateway::settings& s) {
    if (auto listen = file.text("admin.listen")) {
        if (is_listen_address(*listen))
            s.admin.listen = std::move(*listen);
        else
            file.refuse("admin.listen", listen_form);
    }
    auto const jids = file.texts("admin.jids");
    if (!jids) return;
    for (std::size_t i = 0; i < jids->size(); ++i) {
        if (auto jid = parse_bare_jid((*jids)[i]))
            s.admin.jids.push_back(std::move(*jid));
        else
            file.refuse_item("admin.jids", i, R"(a JID like "romeo@montague.example")");
    }
}

}  // namespace crosstalk::cmd
