// See upload.hpp.
#include "visit/upload.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace crosstalk::visit {

using net::awaitable;

namespace {

error_code error_of(int number) { return {number, boost::system::system_category()}; }

}  // namespace

result<upload> upload::open(const net::executor& ex, const upload_settings& s) {
    upload made;
    if (!s.file) {
        made.text_ = s.text;
        made.length_ = s.text.size();
        return made;
    }
    if (*s.file == "-") {
        made.input_.emplace(ex, STDIN_FILENO);
        return made;
    }
    made.file_ = ::open(s.file->c_str(), O_RDONLY | O_CLOEXEC);
    if (made.file_ < 0) return error_of(errno);
    struct stat facts {};
    if (::fstat(made.file_, &facts) != 0) return error_of(errno);
    if (S_ISDIR(facts.st_mode)) return error_of(EISDIR);
    if (S_ISREG(facts.st_mode)) made.length_ = static_cast<std::uint64_t>(facts.st_size);
    return made;
}

upload::upload(upload&& other) noexcept
    : text_(std::move(other.text_)),
      file_(std::exchange(other.file_, -1)),
      input_(std::move(other.input_)),
      length_(other.length_),
      read_(other.read_) {}

upload::~upload() {
    if (file_ >= 0) ::close(file_);
}

void upload::cancel() {
    if (input_) input_->cancel();
}

awaitable<result<std::string>> upload::read(std::size_t most) {
    if (length_) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, *length_ - read_));
    if (file_ < 0 && !input_) {
        auto piece = text_.substr(static_cast<std::size_t>(read_), most);
        read_ += piece.size();
        co_return piece;
    }
    std::string piece(most, '\0');
    std::size_t got = 0;
    if (most > 0 && input_) {
        const auto read = co_await input_->read(piece);
        if (!read) co_return read.error();
        got = *read;
    } else if (most > 0) {
        ssize_t read = -1;
        do read = ::read(file_, piece.data(), piece.size());
        while (read < 0 && errno == EINTR);
        if (read < 0) co_return error_of(errno);
        got = static_cast<std::size_t>(read);
    }
    read_ += got;
    if (got == 0 && length_ && read_ < *length_) co_return error_of(EIO);
    piece.resize(got);
    co_return piece;
}

}  // namespace crosstalk::visit
