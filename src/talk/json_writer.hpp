// JSON that is XML character data at the same time, escaped in one pass into the stanza; or plain JSON.
//
// Rule 1: what is appended is well-formed XML text, whatever the bytes.
// Rule 2: cost() counts what the servers make of it: they write `"` and `'` as entities of 6 bytes.
// Rule 3: body bytes go as text or as base64, whichever is cheaper by that count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::talk {

/// How many bytes of a body fit, and how they are to be written.
struct fit {
    std::size_t bytes = 0;
    bool base64 = false;
    std::size_t cost = 0;  ///< of the string's inside, without its quotes
};

/// The longest piece of the front of `body` that costs at most `budget`, in the cheaper encoding. Text
/// is cut between code points only.
[[nodiscard]] fit fit_body(std::string_view body, std::size_t budget) noexcept;

/// What the JSON stands in.
enum class surroundings : std::uint8_t { xml, nothing };

/// Writes one JSON object member by member to the end of a string.
class object_writer {
  public:
    explicit object_writer(std::string& out, surroundings where = surroundings::xml)
        : out_(out), start_(out.size()), where_(where) {
        out_ += '{';
    }

    /// A string of ASCII that needs no escaping (batches, reasons, names of ours).
    void plain(std::string_view key, std::string_view value);
    /// A string of bytes: each byte is the code point of its number.
    void latin1(std::string_view key, std::string_view value);
    void number(std::string_view key, std::uint64_t value);
    /// `headers`: a list of [name, value].
    template <class Fields>
    void pairs(std::string_view key, const Fields& fields) {
        begin_value(key);
        out_ += '[';
        bool first = true;
        for (const auto& f : fields) {
            out_ += first ? "[" : ",[";
            first = false;
            quoted_latin1(f.name);
            out_ += ',';
            quoted_latin1(f.value);
            out_ += ']';
        }
        out_ += ']';
    }
    void strings(std::string_view key, const std::vector<std::string>& list);
    /// `data`, with `encoding` where it is needed, in XML. `how` comes from fit_body for these bytes.
    void body(std::string_view bytes, const fit& how);
    void close() { out_ += '}'; }

    /// What has been written so far, at the servers' cost.
    [[nodiscard]] std::size_t cost() const noexcept { return out_.size() - start_ + 5 * quotes_; }
    /// What body() costs besides fit::cost.
    static constexpr std::size_t body_overhead = 64;

  private:
    void begin_value(std::string_view key);
    void quoted_latin1(std::string_view bytes);
    void escape(std::string_view text);
    void escape_latin1(std::string_view bytes);

    std::string& out_;
    std::size_t start_;
    surroundings where_;
    std::size_t quotes_ = 0;  ///< `"` and `'` written as they are
    bool first_ = true;
};

}  // namespace crosstalk::talk
