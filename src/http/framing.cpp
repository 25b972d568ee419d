// Content-Length, Transfer-Encoding and chunk sizes, read strictly.
#include "http/framing.hpp"

#include <limits>

#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();

/// Which error a Transfer-Encoding other than exactly `chunked` is.
errc reject_coding(std::string_view value) noexcept {
    bool unknown = false;
    bool after_chunked = false;
    for (auto rest = value; auto item = next_item(rest);) {
        // What follows `chunked`, itself included, has no meaning that two readers would share.
        if (!is_token(*item) || after_chunked) return errc::bad_transfer_encoding;
        if (iequals(*item, "chunked")) {
            after_chunked = true;
        } else {
            unknown = true;
        }
    }
    return unknown ? errc::unknown_transfer_coding : errc::bad_transfer_encoding;
}

/// Reads chunk extensions from the front of `text`.
class extension_reader {
  public:
    explicit extension_reader(std::string_view text) noexcept : rest_(text) {}

    /// Whether all of it is *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ).
    bool read() noexcept {
        while (!rest_.empty()) {
            skip_blanks();
            if (!take(';')) return false;
            skip_blanks();
            if (!take_token()) return false;
            const auto behind_name = rest_;
            skip_blanks();
            if (!take('=')) {
                rest_ = behind_name;
                continue;
            }
            skip_blanks();
            if (!(take('"') ? take_quoted_rest() : take_token())) return false;
        }
        return true;
    }

  private:
    bool take(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_blanks() noexcept {
        while (take(' ') || take('\t')) {
        }
    }
    bool take_token() noexcept {
        std::size_t n = 0;
        while (n < rest_.size() && is_token_char(rest_[n])) ++n;
        rest_.remove_prefix(n);
        return n > 0;
    }
    bool take_quoted_rest() noexcept {
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (!is_field_value(rest_.substr(i, 1))) return false;
            if (rest_[i] == '\\') {
                ++i;
                if (!is_field_value(rest_.substr(i, 1))) return false;
            } else if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return true;
            }
        }
        return false;
    }

    std::string_view rest_;
};

}  // namespace

std::optional<std::uint64_t> parse_length(std::string_view text) noexcept {
    if (text.empty() || text.size() > 19) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (number > largest) return std::nullopt;
    return number;
}

result<framing> read_framing(const fields& headers, unsigned version_minor) {
    const auto fail = [](errc e) { return result<framing>(make_error_code(e)); };
    framing found;
    const std::string* coding = nullptr;
    const std::string* length = nullptr;
    for (const auto& [name, value] : headers) {
        if (iequals(name, "content-length")) {
            if (length != nullptr) return fail(errc::doubled_field);
            length = &value;
        } else if (iequals(name, "transfer-encoding")) {
            if (coding != nullptr) return fail(errc::bad_transfer_encoding);
            coding = &value;
        }
    }
    if (coding != nullptr) {
        if (length != nullptr) return fail(errc::ambiguous_length);
        if (version_minor == 0) return fail(errc::bad_transfer_encoding);
        if (!iequals(*coding, "chunked")) return fail(reject_coding(*coding));
        found.chunked = true;
    }
    if (length != nullptr) {
        found.length = parse_length(*length);
        if (!found.length) return fail(errc::bad_content_length);
    }
    return found;
}

std::optional<chunk_line> parse_chunk_line(std::string_view line) noexcept {
    chunk_line found;
    std::size_t digits = 0;
    for (; digits < line.size(); ++digits) {
        const int value = hex_value(line[digits]);
        if (value < 0) break;
        if (digits == 16) return std::nullopt;
        found.size = found.size << 4 | static_cast<std::uint64_t>(value);
    }
    if (digits == 0 || found.size > largest) return std::nullopt;
    const auto extensions = line.substr(digits);
    found.extension_bytes = extensions.size();
    if (!extension_reader(extensions).read()) return std::nullopt;
    return found;
}

}  // namespace crosstalk::http
