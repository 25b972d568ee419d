// See download.hpp.
#include "visit/download.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "cgi/checks.hpp"
#include "http/conditional.hpp"
#include "visit/unfinished.hpp"

namespace crosstalk::visit {

using net::awaitable;

namespace {

constexpr std::size_t longest_note = 64 * 1024;

error_code error_of(int number) { return {number, boost::system::system_category()}; }

std::optional<std::uint64_t> length_of(const http::fields& headers) {
    const auto* field = headers.find("Content-Length");
    return field == nullptr ? std::nullopt : cgi::parse_content_length(*field);
}

std::string read_note(const std::string& name) {
    std::ifstream in(name, std::ios::binary);
    std::string text(longest_note, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

}  // namespace

download::download(const net::executor& ex, std::string file, std::string address)
    : file_(std::move(file)), address_(std::move(address)) {
    if (file_.empty()) output_.emplace(ex, STDOUT_FILENO);
    struct stat facts {};
    const bool is_device =
        !file_.empty() && ::stat(file_.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode);
    keeps_note_ = !file_.empty() && !is_device;
}

download::~download() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<kept_part> download::find_kept() {
    struct stat facts {};
    if (!keeps_note_ || ::stat(file_.c_str(), &facts) != 0) return std::nullopt;
    const auto note = read_unfinished(read_note(note_name()));
    const bool is_of_use =
        note && note->address == address_ && !note->validator.empty() && facts.st_size > 0;
    if (!is_of_use) return std::nullopt;
    kept_ = kept_part{static_cast<std::uint64_t>(facts.st_size), note->validator};
    return kept_;
}

result<download::plan> download::begin(const talk::response_start& start) {
    expected_ = length_of(start.headers);
    if (start.status == 416 && kept_) {
        const auto* range = start.headers.find("Content-Range");
        const auto size = range == nullptr ? std::nullopt : read_unsatisfied_range(*range);
        return size == kept_->size ? plan::already_whole : plan::drop;
    }
    if (output_) return plan::write;
    if (start.status >= 400) return plan::drop;
    if (kept_ && start.status == 206) return begin_rest(start);
    if (auto noted = note_unfinished(validator_of(start.headers)); !noted) return noted.error();
    if (auto opened = open_file(O_TRUNC); !opened) return opened.error();
    return plan::write;
}

result<download::plan> download::begin_rest(const talk::response_start& start) {
    const auto range = read_content_range(start.headers.get("Content-Range"));
    const auto* tag = start.headers.find("ETag");
    const bool is_another =
        tag != nullptr && kept_->validator.starts_with('"') && *tag != kept_->validator;
    if (!range || range->first != kept_->size || is_another) return plan::mismatch;
    if (range->size && range->last + 1 != *range->size) return plan::mismatch;
    expected_ = range->last - range->first + 1;
    if (auto opened = open_file(O_APPEND); !opened) return opened.error();
    struct stat facts {};
    const bool has_changed =
        ::fstat(descriptor_, &facts) != 0 || static_cast<std::uint64_t>(facts.st_size) != kept_->size;
    if (has_changed) return plan::mismatch;
    began_with_ = kept_->size;
    return plan::write;
}

result<void> download::open_file(int how) {
    descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
    if (descriptor_ < 0) return error_of(errno);
    return {};
}

result<void> download::note_unfinished(const std::string& validator) {
    if (!keeps_note_) return {};
    std::ofstream out(note_name(), std::ios::binary | std::ios::trunc);
    out << to_text({address_, validator});
    out.close();
    if (!out) return error_of(errno == 0 ? EIO : errno);
    return {};
}

awaitable<result<void>> download::write(std::string_view bytes) {
    if (output_) {
        const auto written = co_await output_->write(bytes);
        co_return written;
    }
    while (!bytes.empty()) {
        const auto put = ::write(descriptor_, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) co_return error_of(errno);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    co_return result<void>();
}

result<void> download::finish() {
    if (output_) return {};
    if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0) return error_of(errno);
    if (keeps_note_ && ::unlink(note_name().c_str()) != 0 && errno != ENOENT) return error_of(errno);
    return {};
}

}  // namespace crosstalk::visit
