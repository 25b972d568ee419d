// See direct_offers.hpp.
#include "gateway/direct_offers.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "talk/direct_frame.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

std::string direct_url(const base_address& base) {
    if (base.scheme != "https" && !http::is_this_machine(base.authority.host)) return {};
    std::string url = (base.scheme == "https" ? "wss://" : "ws://") + http::to_text(base.authority);
    return url.append(talk::direct_path);
}

xmpp::element direct_offers::answer(const xmpp::element& request, const base_address& base,
                                    std::string token, base::time_point now) {
    using xmpp::condition;
    const auto refuse = [&](condition what, const char* why) {
        return xmpp::make_error(request, {what, why});
    };
    const std::string full(request.attr("from"));
    const auto bare = xmpp::bare_of(full);
    if (bare.size() == full.size()) return refuse(condition::bad_request, "ask from a full JID");
    if (!sites_.is_owner(bare)) return refuse(condition::forbidden, "no site here is bound to you");
    const auto url = direct_url(base);
    if (url.empty())
        return refuse(condition::feature_not_implemented, "this gateway is not reached by https");
    if (table_.find(full) == nullptr)
        return refuse(condition::subscription_required, "send presence to this gateway first");
    std::erase_if(tickets_, [&](const ticket& t) { return t.until <= now || t.full == full; });
    if (tickets_.size() >= most_tokens)
        return refuse(condition::resource_constraint, "too many ask at once; try again later");
    auto result = xmpp::make_result(request);
    xmpp::element offer("direct", std::string(xmpp::ns::crosstalk));
    offer.set("url", url).set("token", token);
    result.add(std::move(offer));
    tickets_.push_back({full, std::move(token), now + lifetime});
    return result;
}

std::optional<std::string> direct_offers::redeem(std::string_view token, base::time_point now) {
    auto found = tickets_.end();
    for (auto at = tickets_.begin(); at != tickets_.end(); ++at)
        if (base::equal_in_constant_time(at->token, token)) found = at;
    if (found == tickets_.end()) return std::nullopt;
    const ticket used = std::move(*found);
    tickets_.erase(found);
    if (used.until <= now) return std::nullopt;
    return used.full;
}

}  // namespace crosstalk::gateway
