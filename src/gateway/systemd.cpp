// See systemd.hpp.
#include "gateway/systemd.hpp"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace crosstalk::gateway {

namespace {

constexpr std::string_view any = "systemd", named = "systemd:";
constexpr int keeps_environment = 0, forgets_environment = 1;

}  // namespace

inherited_sockets::inherited_sockets(const std::vector<std::string>& addresses) {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(forgets_environment, &names);
    for (int i = 0; i < count; ++i) {
        std::string name = names[i];
        const bool is_named =
            std::find(addresses.begin(), addresses.end(), std::string(named) + name) != addresses.end();
        sockets_.push_back({std::move(name), SD_LISTEN_FDS_START + i, is_named});
        std::free(names[i]);
    }
    std::free(names);
}

inherited_sockets::~inherited_sockets() {
    for (const auto& each : sockets_) ::close(each.descriptor);
}

bool inherited_sockets::is_meant_by(std::string_view address) {
    return address == any || address.starts_with(named);
}

std::vector<int> inherited_sockets::claim(std::string_view address) {
    const auto is_other = [address](const inherited& s) {
        return address == any ? s.is_named : address.substr(named.size()) != s.name;
    };
    const auto first = std::stable_partition(sockets_.begin(), sockets_.end(), is_other);
    std::vector<int> claimed;
    for (auto each = first; each != sockets_.end(); ++each) claimed.push_back(each->descriptor);
    sockets_.erase(first, sockets_.end());
    return claimed;
}

void tell_ready() { (void)sd_notify(keeps_environment, "READY=1"); }

void tell_reloading() {
    timespec now{};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
    const auto told = "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds);
    (void)sd_notify(keeps_environment, told.c_str());
}

void tell_stopping() { (void)sd_notify(keeps_environment, "STOPPING=1"); }

}  // namespace crosstalk::gateway
