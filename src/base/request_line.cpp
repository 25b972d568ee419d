// Lines for standard error.
#include "base/request_line.hpp"

#include "base/console.hpp"

namespace crosstalk::base {
namespace {

std::string two_digits(int number) {
    return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::string request_line(const std::tm& time, std::string_view method, std::string_view target,
                         const tally& done, std::chrono::milliseconds took) {
    std::string line =
        two_digits(time.tm_hour) + ':' + two_digits(time.tm_min) + ':' + two_digits(time.tm_sec);
    line.append(" ").append(printable(method, 32)).append(" ").append(printable(target));
    line.append(" ").append(done.status == 0 ? "-" : std::to_string(done.status));
    line.append(" ").append(std::to_string(done.bytes));
    line.append(" ").append(std::to_string(took.count())).append("ms");
    if (!done.guest.empty()) line.append(" for ").append(printable(done.guest));
    if (!done.note.empty()) line.append(" (").append(printable(done.note)).append(")");
    return line;
}

std::tm local_time() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    return local;
}

}  // namespace crosstalk::base
