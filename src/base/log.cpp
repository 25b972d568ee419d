// The log over spdlog, which stamps lines with time and level and writes them whole; nothing else in
// the program includes it.
#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "base/log_line.hpp"

namespace crosstalk::base {
namespace {

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warning:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
        case log_level::off:
            break;
    }
    return spdlog::level::off;
}

bool wants_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::unique_ptr<spdlog::logger> make_logger(log_level level, log_format format) {
    bool const is_text = format == log_format::text;
    const char* const pattern = is_text ? "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v"
                                        : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";
    auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(
        is_text && wants_colour() ? spdlog::color_mode::always : spdlog::color_mode::never);
    auto logger = std::make_unique<spdlog::logger>("", std::move(sink));
    logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
    logger->set_level(to_spdlog(level));
    logger->flush_on(spdlog::level::debug);
    return logger;
}

struct log_state {
    log_format format;
    std::unique_ptr<spdlog::logger> logger;
};

log_state& state() {
    static log_state the_state{log_format::text, make_logger(log_level::info, log_format::text)};
    return the_state;
}

}  // namespace

void configure_log(log_level level, log_format format) {
    state() = {format, make_logger(level, format)};
}

bool is_logged(log_level level) noexcept {
    return level != log_level::off && state().logger->should_log(to_spdlog(level));
}

void log(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
    if (!is_logged(level)) return;
    log_state& s = state();
    s.logger->log(to_spdlog(level), s.format == log_format::text ? text_line(event, fields)
                                                                 : json_members(event, fields));
}

}  // namespace crosstalk::base
