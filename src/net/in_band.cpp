// See in_band.hpp.
#include "net/in_band.hpp"

#include <algorithm>

namespace crosstalk::net {

bool in_band_group::receive(const xmpp::element& stanza) {
    return std::ranges::any_of(all_, [&](in_band* one) { return one->receive(stanza); });
}

void in_band_group::on_online(const xmpp::online& how) {
    for (in_band* one : all_) one->on_online(how);
}

void in_band_group::on_offline(const error_code& why) {
    for (in_band* one : all_) one->on_offline(why);
}

void in_band_group::on_idle() {
    for (in_band* one : all_) one->on_idle();
}

void in_band_group::unavailable(const std::string& full_jid) {
    for (in_band* one : all_) one->unavailable(full_jid);
}

void in_band_group::available(const std::string& full_jid) {
    for (in_band* one : all_) one->available(full_jid);
}

bool in_band_group::is_responsive(const std::string& full_jid) const {
    return std::ranges::all_of(all_, [&](const in_band* one) { return one->is_responsive(full_jid); });
}

std::size_t in_band_group::open_count() const noexcept {
    std::size_t sum = 0;
    for (const in_band* one : all_) sum += one->open_count();
    return sum;
}

std::size_t in_band_group::open_count(const std::string& full_jid) const noexcept {
    std::size_t sum = 0;
    for (const in_band* one : all_) sum += one->open_count(full_jid);
    return sum;
}

}  // namespace crosstalk::net
