// The registry's errors in words.
#include "gateway/registry_error.hpp"

#include <string>

namespace crosstalk::gateway {

namespace {

class registry_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.registry"; }
    std::string message(int value) const override {
        switch (static_cast<registry_errc>(value)) {
            case registry_errc::name_taken:
                return "a site of that name exists already";
            case registry_errc::bad_site:
                return "a site needs a name of 1 to 63 letters a-z, digits and hyphens, and an owner";
            case registry_errc::cannot_open:
                return "the file cannot be opened or created: see to it that its folder exists and that "
                       "this user may write there";
            case registry_errc::not_a_registry:
                return "this is not a registry of sites, or it is damaged: name another one, or "
                       "restore it from a backup";
            case registry_errc::newer_schema:
                return "it was written by a newer version of this program: install that one";
            case registry_errc::locked:
                return "another process keeps it locked: try again when it is done";
            case registry_errc::no_server:
                return "the PostgreSQL server does not answer, or does not let us in: see to it that it runs, "
                       "and that the user of sites.registry may connect to that database";
            case registry_errc::failed:
                return "it cannot be read or written: look for a full disk or an I/O error";
        }
        return "unknown registry error";
    }
};

}  // namespace

error_code make_error_code(registry_errc e) noexcept {
    static const registry_category category;
    return {static_cast<int>(e), category};
}

}  // namespace crosstalk::gateway
