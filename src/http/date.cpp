// Dates by the calendar of <chrono>, which is proleptic Gregorian as HTTP wants it.
#include "http/date.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

constexpr std::array<std::string_view, 7> day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> month_names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t first_second = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t last_second = 253'402'300'799;   // 9999-12-31T23:59:59Z

struct moment {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
};

/// Reads a date piece by piece; after the first piece that does not fit, nothing fits any more.
class date_scanner {
  public:
    explicit date_scanner(std::string_view text) noexcept : rest_(text) {}

    date_scanner& literal(std::string_view text) noexcept {
        good_ = good_ && rest_.starts_with(text);
        if (good_) rest_.remove_prefix(text.size());
        return *this;
    }
    template <class Number>
    date_scanner& number(std::size_t digits, Number& into) noexcept {
        good_ = good_ && rest_.size() >= digits;
        into = 0;
        for (std::size_t i = 0; good_ && i < digits; ++i) {
            good_ = is_digit(rest_[i]);
            into = into * 10 + static_cast<Number>(rest_[i] - '0');
        }
        if (good_) rest_.remove_prefix(digits);
        return *this;
    }
    /// A number of two places, the first of which may be a space.
    date_scanner& padded(unsigned& into) noexcept {
        const bool short_number = good_ && rest_.starts_with(' ');
        return short_number ? literal(" ").number(1, into) : number(2, into);
    }
    date_scanner& month(unsigned& into) noexcept {
        const auto at = std::find(month_names.begin(), month_names.end(), rest_.substr(0, 3));
        good_ = good_ && at != month_names.end();
        into = static_cast<unsigned>(at - month_names.begin()) + 1;
        if (good_) rest_.remove_prefix(3);
        return *this;
    }
    /// The name of a day, cut to `length` letters.
    date_scanner& day_name(std::size_t length = std::string_view::npos) noexcept {
        for (const auto full : day_names) {
            const auto name = full.substr(0, length);
            if (good_ && rest_.starts_with(name)) {
                rest_.remove_prefix(name.size());
                return *this;
            }
        }
        good_ = false;
        return *this;
    }
    date_scanner& time(moment& m) noexcept {
        return number(2, m.hour).literal(":").number(2, m.minute).literal(":").number(2, m.second);
    }
    [[nodiscard]] bool is_complete() const noexcept { return good_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool good_ = true;
};

std::optional<std::int64_t> to_seconds(const moment& m) noexcept {
    namespace chrono = std::chrono;
    const chrono::year_month_day date{chrono::year(m.year), chrono::month(m.month), chrono::day(m.day)};
    // 60 is a leap second.
    if (!date.ok() || m.hour > 23 || m.minute > 59 || m.second > 60) return std::nullopt;
    const auto days = chrono::sys_days(date).time_since_epoch().count();
    return std::int64_t{days} * day_seconds + m.hour * 3600 + m.minute * 60 + m.second;
}

int year_of(std::int64_t seconds) noexcept {
    const auto days = std::chrono::floor<std::chrono::days>(std::chrono::seconds(seconds));
    return int{std::chrono::year_month_day(std::chrono::sys_days(days)).year()};
}

bool scan_imf_fixdate(std::string_view text, moment& m) noexcept {
    date_scanner scanner(text);
    scanner.day_name(3).literal(", ").number(2, m.day).literal(" ").month(m.month).literal(" ");
    return scanner.number(4, m.year).literal(" ").time(m).literal(" GMT").is_complete();
}

/// The year in `m` has two digits only.
bool scan_rfc850(std::string_view text, moment& m) noexcept {
    date_scanner scanner(text);
    scanner.day_name().literal(", ").number(2, m.day).literal("-").month(m.month).literal("-");
    return scanner.number(2, m.year).literal(" ").time(m).literal(" GMT").is_complete();
}

bool scan_asctime(std::string_view text, moment& m) noexcept {
    date_scanner scanner(text);
    scanner.day_name(3).literal(" ").month(m.month).literal(" ").padded(m.day).literal(" ");
    return scanner.time(m).literal(" ").number(4, m.year).is_complete();
}

void append_padded(std::string& out, unsigned number, unsigned divisor) {
    for (; divisor > 0; divisor /= 10) out += static_cast<char>('0' + number / divisor % 10);
}

}  // namespace

void append_date(std::string& out, std::int64_t seconds) {
    namespace chrono = std::chrono;
    const chrono::sys_seconds at{chrono::seconds(std::clamp(seconds, first_second, last_second))};
    const auto day = chrono::floor<chrono::days>(at);
    const chrono::year_month_day date(day);
    const auto second = static_cast<unsigned>((at - day).count());
    out += day_names[chrono::weekday(day).c_encoding()].substr(0, 3);
    out += ", ";
    append_padded(out, unsigned{date.day()}, 10);
    out += ' ';
    out += month_names[unsigned{date.month()} - 1];
    out += ' ';
    append_padded(out, static_cast<unsigned>(int{date.year()}), 1000);
    out += ' ';
    append_padded(out, second / 3600, 10);
    out += ':';
    append_padded(out, second / 60 % 60, 10);
    out += ':';
    append_padded(out, second % 60, 10);
    out += " GMT";
}

std::string format_date(std::int64_t seconds) {
    std::string out;
    append_date(out, seconds);
    return out;
}

std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now) {
    moment m;
    if (scan_imf_fixdate(text, m) || scan_asctime(text, m)) return to_seconds(m);
    if (!scan_rfc850(text, m)) return std::nullopt;
    const int this_year = year_of(std::clamp(now, first_second, last_second));
    m.year += this_year - this_year % 100;
    // Within this century, the last or the next: at most 50 years ahead, and as late as that allows.
    if (m.year > this_year + 50) m.year -= 100;
    if (m.year + 100 <= this_year + 50) m.year += 100;
    return to_seconds(m);
}

}  // namespace crosstalk::http
