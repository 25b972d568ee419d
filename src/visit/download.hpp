// Where the body of an answer goes: standard output, or a file, of which a part may be there already.
//
// Rule 1: as long as a file is not whole, FILE.unfinished stands beside it.
// Rule 2: an answer of 400 or more never touches the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crosstalk/message.hpp"
#include "visit/fetch_request.hpp"
#include "visit/standard_pipe.hpp"

namespace crosstalk::visit {

class download {
  public:
    download(const net::executor& ex, std::string file, std::string address);
    download(const download&) = delete;
    download& operator=(const download&) = delete;
    ~download();

    /// The part that may be gone on with; nothing when there is none, or none that can be trusted.
    [[nodiscard]] std::optional<kept_part> find_kept();

    enum class plan {
        write,          ///< the body is what was asked for, or the rest of it
        drop,           ///< the body is of no use
        already_whole,  ///< there is nothing left to fetch
        mismatch,       ///< a part that does not fit what is there
    };
    /// Makes ready for the body of `start`. Fails as open(2) does.
    [[nodiscard]] result<plan> begin(const talk::response_start& start);
    /// Bytes of the file that were there before.
    [[nodiscard]] std::uint64_t began_with() const noexcept { return began_with_; }
    /// How long the body has to be, if that is known.
    [[nodiscard]] std::optional<std::uint64_t> expected() const noexcept { return expected_; }

    [[nodiscard]] net::awaitable<result<void>> write(std::string_view bytes);
    /// All of it has come. Fails as close(2) does.
    [[nodiscard]] result<void> finish();

  private:
    [[nodiscard]] result<plan> begin_rest(const talk::response_start& start);
    [[nodiscard]] result<void> open_file(int how);
    [[nodiscard]] result<void> note_unfinished(const std::string& validator);
    [[nodiscard]] std::string note_name() const { return file_ + ".unfinished"; }

    std::string file_;
    std::string address_;
    std::optional<standard_pipe> output_;
    bool keeps_note_ = false;  ///< it is a file, not a device
    int descriptor_ = -1;
    std::optional<kept_part> kept_;
    std::uint64_t began_with_ = 0;
    std::optional<std::uint64_t> expected_;
};

}  // namespace crosstalk::visit
