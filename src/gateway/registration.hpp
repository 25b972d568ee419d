// Names bound by the people who use them, from any client: XEP-0077 with a data form.
//
// Rule: a form is filled in by a person: every error says in words what to do.
#pragma once

#include "base/clock.hpp"
#include "gateway/allowance.hpp"
#include "gateway/registrar.hpp"
#include "xmpp/data_form.hpp"

namespace crosstalk::gateway {

class registration {
  public:
    /// Both must outlive this. `changes`: of each bare JID, shared with whoever else takes changes.
    registration(registrar& names, allowance& changes) : names_(names), changes_(changes) {}

    /// Whether the stanza is a request of XEP-0077.
    [[nodiscard]] static bool is_asked(const xmpp::element& stanza);
    /// The answer to it. What it has changed is in the registrar's directory.
    [[nodiscard]] net::awaitable<xmpp::element> answer(xmpp::element request, base::time_point now);

  private:
    [[nodiscard]] xmpp::element form_for(const xmpp::element& request, const std::string& owner) const;
    [[nodiscard]] net::awaitable<registrar::refusal> obey(const xmpp::element& query, std::string owner);
    [[nodiscard]] net::awaitable<registrar::refusal> submit(const xmpp::data_form& form, std::string owner);

    registrar& names_;
    allowance& changes_;
};

}  // namespace crosstalk::gateway
