// What systemd, or whoever does as it does, hands to a service and is told by it.
//
// Rule: without such a parent all of this is silent and empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::gateway {

/// Listening sockets that were open before this program began (LISTEN_FDS, LISTEN_FDNAMES).
class inherited_sockets {
  public:
    /// Takes them over, once in a program's life. `addresses`: all that the configuration listens on.
    explicit inherited_sockets(const std::vector<std::string>& addresses);
    inherited_sockets(const inherited_sockets&) = delete;
    /// Closes what nobody has claimed.
    ~inherited_sockets();

    /// Whether `address` stands for sockets of this kind.
    [[nodiscard]] static bool is_meant_by(std::string_view address);
    /// The descriptors that "systemd:NAME" stands for, or, "systemd", those that no such address names;
    /// each is given out once and the caller's from then on.
    [[nodiscard]] std::vector<int> claim(std::string_view address);

  private:
    struct inherited {
        std::string name;
        int descriptor;
        bool is_named;  ///< by an address of the configuration
    };
    std::vector<inherited> sockets_;
};

void tell_ready();
void tell_reloading();
void tell_stopping();

}  // namespace crosstalk::gateway
