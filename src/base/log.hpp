// The log: one event, one line of key=value on standard error.
//
// Rule: error = someone must act, warning = something was refused or lost, info = state changed,
//       debug = the rest. Never secrets, `Authorization`, cookies or bodies.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace crosstalk::base {

enum class log_level { debug, info, warning, error, off };
enum class log_format { text, json };

/// A key beside an event. Values are quoted and escaped when they need it.
struct log_field {
    std::string_view key;
    std::string value;

    log_field(std::string_view k, std::string_view v) : key(k), value(v) {}
    log_field(std::string_view k, const std::string& v) : key(k), value(v) {}
    log_field(std::string_view k, const char* v) : key(k), value(v) {}
    log_field(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}
};

/// Sets what is written from now on; to be called before threads start.
void configure_log(log_level level, log_format format);

/// Whether an event of this level would be written.
[[nodiscard]] bool is_logged(log_level level) noexcept;

/// Writes one event, e.g. log(log_level::info, "component attached", {{"domain", domain}}).
void log(log_level level, std::string_view event, std::initializer_list<log_field> fields = {});

}  // namespace crosstalk::base
