// Implementation of client_session.hpp: the steps of a login in their order, then the stream.
#include "xmpp/client_session.hpp"

#include "base/base64.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

namespace {

constexpr std::string_view bind_id = "bind";
constexpr std::string_view session_id = "session";

element nonza(std::string_view name, std::string_view ns) {
    return {std::string(name), std::string(ns)};
}

/// SASL writes an empty message as "=" where nothing at all would mean something else (RFC
/// 6120, 6.4.2).
std::string sasl_text(const std::string& raw) { return raw.empty() ? "=" : base::to_base64(raw); }

std::optional<std::string> read_sasl_text(const std::string& text) {
    if (text == "=") return std::string();
    return base::from_base64(text);
}

bool is_true(std::string_view value) { return value == "true" || value == "1"; }

}  // namespace

client_session::client_session(client_settings settings)
    : stream_session(settings.inbound),
      settings_(std::move(settings)),
      management_(settings_.kept_limit) {}

// --- the connection ---

void client_session::begin(bool secure, tls_facts facts, std::string random) {
    start();
    secure_ = secure;
    authenticated_ = false;
    facts_ = std::move(facts);
    // A comma would end the nonce early.
    std::erase(random, ',');
    random_ = std::move(random);
    login_.reset();
    send_header();
}

void client_session::secured(tls_facts facts) {
    if (step_ != step::tls || !is_running()) return;
    secure_ = true;
    facts_ = std::move(facts);
    send_header();
}

void client_session::lost() {
    stream_session::lost();
    step_ = step::idle;
    if (is_closing()) give_up_resumption();
}

void client_session::close() {
    acknowledge();
    stream_session::close();
}

void client_session::over() {
    step_ = step::idle;
    give_up_resumption();
}

result<void> client_session::send(std::string_view stanza) {
    if (step_ != step::online || is_closing()) return errc::not_online;
    if (const result<void> legal = check_stanza(stanza, settings_.max_stanza); !legal) return legal;
    if (output_.size() + stanza.size() > settings_.queue_limit) return errc::too_many_queued;
    output_ += stanza;
    management_.sent(stanza);
    ask_if_due();
    return {};
}

void client_session::write(const element& e) { e.write(output_, ns::client); }

// --- the login ---

void client_session::send_header() {
    step_ = step::header;
    output_ +=
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' xml:lang='en' to='";
    append_escaped(output_, settings_.jid.domain());
    output_ += "'>";
}

void client_session::opened(const stream_header& header) {
    if (step_ != step::header) return fail(errc::login_out_of_order, "a stream header came unasked");
    if (header.content_ns != ns::client)
        return fail(errc::login_out_of_order, "this port does not take clients");
    if (header.version.empty())
        return fail(errc::login_out_of_order, "the server does not speak XMPP 1.0");
    step_ = step::features;
}

void client_session::handle(element&& stanza) {
    switch (step_) {
        case step::features:
            return on_features(stanza);
        case step::starttls:
            return on_starttls(stanza);
        case step::challenge:
            return on_sasl(stanza);
        case step::binding:
            return on_bound(stanza);
        case step::session:
            return on_session(stanza);
        case step::resuming:
            return on_resuming(stanza);
        case step::online:
            return on_online(std::move(stanza));
        case step::idle:
        case step::header:
        case step::tls:
            break;
    }
    fail(errc::login_out_of_order, "<" + stanza.name() + "/> came out of order");
}

void client_session::on_features(const element& features) {
    if (!features.is("features", ns::streams))
        return fail(errc::login_out_of_order,
                    "<" + features.name() + "/> came in place of the features");
    if (!secure_) return ask_for_tls(features);
    if (!authenticated_) return log_in(features);
    after_login(features);
}

void client_session::ask_for_tls(const element& features) {
    if (features.child("starttls", ns::tls) == nullptr) return fail(errc::tls_unavailable);
    write(nonza("starttls", ns::tls));
    step_ = step::starttls;
}

void client_session::on_starttls(const element& answer) {
    if (!answer.is("proceed", ns::tls))
        return fail(errc::tls_unavailable, "the server refused <starttls/>");
    // Whatever came in the clear behind <proceed/> is not from the server that the certificate names.
    restart_stream();
    step_ = step::tls;
    emit(needs_tls{});
}

void client_session::log_in(const element& features) {
    const credentials who{settings_.jid.node(), settings_.password};
    result<sasl_login> login = sasl_login::choose(read_sasl_offer(features), facts_, who, random_);
    if (!login) {
        const bool is_password = login.error() == errc::not_authorized;
        return fail(
            is_password ? errc::not_authorized : errc::no_mechanism,
            is_password ? "the password is empty or holds characters that no XMPP password may" : "");
    }
    login_.emplace(std::move(*login));
    element auth = nonza("auth", ns::sasl);
    auth.set("mechanism", login_->mechanism());
    write(auth.set_text(sasl_text(login_->first())));
    step_ = step::challenge;
}

void client_session::on_sasl(const element& answer) {
    if (answer.is("success", ns::sasl)) return on_sasl_success(answer);
    if (answer.is("failure", ns::sasl)) {
        const refusal why = read_refusal(answer, ns::sasl);
        return fail(sasl_condition(why.condition), why.words());
    }
    if (!answer.is("challenge", ns::sasl))
        return fail(errc::login_out_of_order,
                    "<" + answer.name() + "/> came in place of a SASL answer");
    const std::optional<std::string> challenge = read_sasl_text(answer.text());
    if (!challenge) return fail(errc::server_not_proven, "its challenge is not base64");
    const result<std::string> response = login_->respond(*challenge);
    if (!response)
        return fail(static_cast<errc>(response.error().value()), "its challenge cannot be answered");
    element reply = nonza("response", ns::sasl);
    if (!response->empty()) reply.set_text(base::to_base64(*response));
    write(reply);
}

void client_session::on_sasl_success(const element& answer) {
    const std::optional<std::string> additional = read_sasl_text(answer.text());
    if (!additional || !login_->finish(*additional))
        return fail(errc::server_not_proven, "it accepted the login without the right proof");
    login_.reset();
    authenticated_ = true;
    restart_stream();
    send_header();
}

void client_session::after_login(const element& features) {
    const element* establishment = features.child("session", ns::session);
    wants_session_ =
        establishment != nullptr && establishment->child("optional", ns::session) == nullptr;
    offers_management_ = features.child("sm", ns::stream_management) != nullptr;
    offers_binding_ = features.child("bind", ns::bind) != nullptr;
    if (offers_management_ && management_.may_resume()) return resume();
    give_up_resumption();
    bind();
}

void client_session::bind() {
    if (!offers_binding_) return fail(errc::bind_refused, "the server offers no resource binding");
    element iq = make_iq(iq_type::set, bind_id, {});
    element& request = iq.add(nonza("bind", ns::bind));
    if (!settings_.jid.resource().empty())
        request.add(nonza("resource", ns::bind)).set_text(settings_.jid.resource());
    write(iq);
    step_ = step::binding;
}

void client_session::on_bound(const element& answer) {
    if (!is_response(answer) || answer.attr("id") != bind_id) return;
    if (const std::optional<stanza_error> error = read_error(answer))
        return fail(errc::bind_refused,
                    refusal{std::string(to_string(error->what)), error->text}.words());
    const element* bound = answer.child("bind", ns::bind);
    const element* name = bound == nullptr ? nullptr : bound->child("jid", ns::bind);
    const result<jid> address = jid::from_server(name == nullptr ? std::string_view() : name->text());
    if (!address || address->is_bare()) return fail(errc::bind_refused, "the server bound no full JID");
    bound_jid_ = address->full();
    if (!wants_session_) return go_online();
    element iq = make_iq(iq_type::set, session_id, {});
    iq.add(nonza("session", ns::session));
    write(iq);
    step_ = step::session;
}

void client_session::on_session(const element& answer) {
    if (!is_response(answer) || answer.attr("id") != session_id) return;
    if (const std::optional<stanza_error> error = read_error(answer))
        return fail(errc::bind_refused,
                    refusal{std::string(to_string(error->what)), error->text}.words());
    go_online();
}

void client_session::go_online() {
    step_ = step::online;
    emit(online{bound_jid_, false});
    if (!offers_management_) return;
    element enable = nonza("enable", ns::stream_management);
    enable.set("resume", "true").set("max", std::to_string(settings_.resumption_seconds));
    write(enable);
    management_.begin();
}

// --- stream management ---

void client_session::resume() {
    element request = nonza("resume", ns::stream_management);
    request.set("previd", management_.id()).set("h", std::to_string(management_.received_count()));
    write(request);
    step_ = step::resuming;
}

void client_session::on_resuming(const element& answer) {
    std::uint32_t h = 0;
    const bool has_count = read_count(answer.attr("h"), h);
    if (answer.is("resumed", ns::stream_management)) {
        if (!has_count || !management_.acknowledged(h))
            return fail(errc::stream_error, "it resumed with an impossible count of stanzas");
        management_.resumed();
        management_.replay(output_);
        step_ = step::online;
        return emit(online{bound_jid_, true});
    }
    if (!answer.is("failed", ns::stream_management))
        return fail(errc::login_out_of_order, "<" + answer.name() + "/> came in place of <resumed/>");
    if (has_count) static_cast<void>(management_.acknowledged(h));
    give_up_resumption();
    bind();
}

void client_session::give_up_resumption() {
    dropped_ += management_.unacknowledged();
    management_.disable();
}

void client_session::on_online(element&& stanza) {
    if (is_iq(stanza) || is_message(stanza) || is_presence(stanza)) {
        management_.received();
        return emit(received{std::move(stanza)});
    }
    if (stanza.ns() == ns::stream_management) on_management(stanza);
}

void client_session::on_management(const element& e) {
    if (e.name() == "a") return on_acknowledged(e.attr("h"));
    if (e.name() == "enabled" && management_.is_begun()) return on_enabled(e);
    if (e.name() == "failed" && management_.is_begun()) return management_.disable();
    if (e.name() != "r" || !management_.is_enabled()) return;
    answer_count();
}

void client_session::on_enabled(const element& e) {
    management_.confirm(is_true(e.attr("resume")) ? std::string(e.attr("id")) : std::string());
    ask_if_due();
}

void client_session::on_acknowledged(std::string_view text) {
    std::uint32_t h = 0;
    if (!management_.is_enabled()) return;
    if (!read_count(text, h) || !management_.acknowledged(h))
        return fail(errc::stream_error, "it acknowledged stanzas that were never sent");
    ask_if_due();
}

void client_session::ask_if_due() {
    if (!management_.should_ask()) return;
    write(nonza("r", ns::stream_management));
    management_.asked();
}

void client_session::acknowledge() {
    if (step_ == step::online && !is_closing() && management_.owes_answer()) answer_count();
}

void client_session::answer_count() {
    element answer = nonza("a", ns::stream_management);
    write(answer.set("h", std::to_string(management_.received_count())));
    management_.answered();
}

}  // namespace crosstalk::xmpp
