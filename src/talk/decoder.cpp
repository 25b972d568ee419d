// See decoder.hpp. simdjson's DOM underneath: Debian's header builds its on-demand API without SIMD.
#include "talk/decoder.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/base64.hpp"
#include "talk/utf8.hpp"

namespace crosstalk::talk {
namespace {

constexpr std::size_t most_messages = 256;
constexpr std::size_t most_depth = 8;
constexpr std::size_t most_variables = 1024;
constexpr std::uint64_t most_integer = (std::uint64_t{1} << 53) - 1;

namespace dom = simdjson::dom;

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.talk"; }
    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::malformed_json:
                return "the payload is not JSON as the protocol bounds it";
            case errc::not_messages:
                return "the payload is neither a message nor an array of messages";
            case errc::too_many_messages:
                return "more than 256 messages in one stanza";
            case errc::malformed_http:
                return "the element is not what XEP-0332 says";
            case errc::bad_http_header:
                return "a header that HTTP does not allow, or too many of them";
            case errc::bad_base64:
                return "a body that is no base64";
            case errc::unoffered_encoding:
                return "a body in an encoding that was not offered";
            case errc::unsupported_method:
                return "a method that XEP-0332 does not have";
        }
        return "unknown error";
    }
};

// A reason is for logs and people: words of ASCII.
std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c < ' ' || c >= '\x7F') c = '?';
    return out;
}

bool is_variable_name(std::string_view s) {
    if (s == "wsgi.url_scheme") return true;
    if (s.empty() || s.front() < 'A' || s.front() > 'Z') return false;
    return std::all_of(s.begin(), s.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// Reads one JSON object into a message. Every step answers with what is wrong, or nullptr.
class reader {
  public:
    reader() = default;
    /// Of a message in a thread: that names the batch, and what 2008 wrote otherwise is taken.
    explicit reader(std::string_view thread) : is_threaded_(true) { result.batch = thread; }

    const char* read(const dom::object& object) {
        for (const auto [key, value] : object)
            if (const char* why = member(key, value)) return why;
        return conclude();
    }
    message result;

  private:
    enum known {
        batch,
        statuscode,
        headers,
        data,
        body,
        encoding,
        offset,
        window,
        signal,
        reason,
        require,
        count
    };
    static constexpr std::array<std::string_view, count> names = {
        "batch",  "statuscode", "headers", "data",   "body",   "encoding",
        "offset", "window",     "signal",  "reason", "require"};

    const char* member(std::string_view key, const dom::element& value) {
        if (!key.empty() && key.front() <= 'Z')
            return is_variable_name(key) ? variable(key, value) : nullptr;
        const auto at = std::find(names.begin(), names.end(), key);
        if (at == names.end()) return is_variable_name(key) ? variable(key, value) : nullptr;
        const auto which = static_cast<std::size_t>(at - names.begin());
        if (seen_[which]) return "a key is doubled";
        seen_[which] = true;
        switch (static_cast<known>(which)) {
            case statuscode:
                return status(value);
            case headers:
                return header_list(value);
            case offset:
                return integer(value, result.offset);
            case window:
                return integer(value, result.window);
            case require:
                return extension_list(value);
            default:
                return text(static_cast<known>(which), value);
        }
    }

    const char* text(known which, const dom::element& value) {
        std::string_view s;
        if (value.get(s) != simdjson::SUCCESS) return "a value is of the wrong type";
        switch (which) {
            case batch:
                if (!is_batch(s)) return "batch is not 1 to 64 printable ASCII characters";
                if (is_threaded_ && s != result.batch) return "batch is not the thread";
                result.batch = s;
                break;
            case data:
            case body:
                result.data = std::string(s);
                break;
            case encoding:
                if (s != "base64") return "encoding is not base64";
                break;
            case signal:
                if (s == "producerFinished") result.signal = signal_kind::producer_finished;
                if (s == "shutdownMicroprocess") result.signal = signal_kind::shutdown_microprocess;
                break;
            default:
                result.reason = printable(s.substr(0, 256));
                break;
        }
        return nullptr;
    }

    static const char* integer(const dom::element& value, std::optional<std::uint64_t>& out) {
        std::uint64_t n = 0;
        if (value.get(n) != simdjson::SUCCESS || n > most_integer)
            return "a number is not an integer up to 2^53-1";
        out = n;
        return nullptr;
    }

    const char* status(const dom::element& value) {
        std::uint64_t n = 0;
        std::string_view s;
        if (value.get(s) == simdjson::SUCCESS) {
            const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
            if (error != std::errc{} || end != s.data() + 3 || (s.size() > 3 && *end != ' '))
                return "statuscode is not a status";
        } else if (value.get(n) != simdjson::SUCCESS) {
            return "statuscode is not a status";
        }
        if (n != 101 && (n < 200 || n > 599)) return "statuscode is neither 101 nor 200 to 599";
        status_ = static_cast<unsigned>(n);
        return nullptr;
    }

    const char* header_list(const dom::element& value) {
        dom::array list;
        if (value.get(list) != simdjson::SUCCESS || list.size() > most_variables)
            return "headers is not a list";
        for (const dom::element entry : list) {
            dom::array pair;
            std::string_view name, content;
            if (entry.get(pair) != simdjson::SUCCESS || pair.size() != 2 ||
                pair.at(0).get(name) != simdjson::SUCCESS ||
                pair.at(1).get(content) != simdjson::SUCCESS)
                return "a header is not a pair of strings";
            auto name_bytes = bytes_of_characters(name);
            auto content_bytes = bytes_of_characters(content);
            if (!name_bytes || !content_bytes) return "a header holds a character above U+00FF";
            headers_.add(*std::move(name_bytes), *std::move(content_bytes));
        }
        return nullptr;
    }

    const char* extension_list(const dom::element& value) {
        dom::array list;
        if (value.get(list) != simdjson::SUCCESS || list.size() > 64) return "require is not a list";
        for (const dom::element entry : list) {
            std::string_view name;
            if (entry.get(name) != simdjson::SUCCESS || !is_batch(name))
                return "require is not a list of names";
            result.require.emplace_back(name);
        }
        return nullptr;
    }

    const char* variable(std::string_view key, const dom::element& value) {
        std::string_view s;
        std::string digits;
        std::uint64_t n = 0;
        if (is_threaded_ && value.get(n) == simdjson::SUCCESS) {
            s = digits = std::to_string(n);
        } else if (value.get(s) != simdjson::SUCCESS) {
            return "a variable is not a string";
        }
        auto bytes = bytes_of_characters(s);
        if (!bytes) return "a variable holds a character above U+00FF";
        if (!result.request) result.request.emplace();
        if (result.request->size() == most_variables) return "too many variables";
        if (is_doubled(key)) return "a key is doubled";
        result.request->append(std::string(key), *std::move(bytes));
        return nullptr;
    }

    /// Most variables share their mark with none before: no need to look for those.
    bool is_doubled(std::string_view key) {
        const auto sum = key.size() * 5 + static_cast<unsigned char>(key.back()) +
                         static_cast<unsigned char>(key[key.size() / 2]) * 3u;
        const std::uint64_t mark = std::uint64_t{1} << (sum % 64);
        const bool may_be = (marks_ & mark) != 0;
        marks_ |= mark;
        return may_be && result.request->find(key) != nullptr;
    }

    const char* conclude() {
        if (!seen_[batch] && !is_threaded_) return "batch is missing";
        if (seen_[encoding] && is_threaded_) return "encoding has no meaning in a thread";
        if (seen_[data] && seen_[body]) return "data stands beside body";
        if (result.signal != signal_kind::shutdown_microprocess) result.reason.clear();
        if (seen_[encoding]) {
            if (!result.data) return "encoding stands without data";
            auto bytes = base::from_base64(*result.data);
            if (!bytes) return "data is not base64";
            result.data = std::move(bytes);
        }
        if (result.request && result.request->find("REQUEST_METHOD") == nullptr) result.request.reset();
        if (status_) result.response = response_start{*status_, std::move(headers_)};
        if (result.request && result.response) return "a request and a response in one message";
        return nullptr;
    }

    std::array<bool, count> seen_{};
    std::uint64_t marks_ = 0;  ///< of the variables so far
    std::optional<unsigned> status_;
    http::fields headers_;
    bool is_threaded_ = false;
};

decoded read_object(const dom::object& object) {
    reader r;
    if (const char* why = r.read(object)) {
        if (r.result.batch.empty()) {  // it may stand after what was wrong
            std::string_view batch;
            if (object["batch"].get(batch) == simdjson::SUCCESS && is_batch(batch))
                r.result.batch = batch;
        }
        return broken_message{std::move(r.result.batch), why};
    }
    return std::move(r.result);
}

// The elements of an array that as a whole is not JSON, cut at its outer commas.
std::vector<std::string_view> cut_array(std::string_view json) {
    std::vector<std::string_view> parts;
    std::size_t depth = 0, start = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < json.size() && parts.size() <= most_messages; ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (depth++ == 0) start = i + 1;
        } else if ((c == ']' || c == '}') && depth > 0) {
            if (--depth == 0) parts.push_back(json.substr(start, i - start));
        } else if (c == ',' && depth == 1) {
            parts.push_back(json.substr(start, i - start));
            start = i + 1;
        }
    }
    return parts;
}

// The batch that an object which is not JSON was meant for, as far as one can see.
std::string guess_batch(std::string_view text) {
    constexpr std::string_view key = "\"batch\"";
    std::size_t at = text.find(key);
    if (at == text.npos) return {};
    at = text.find_first_not_of(" \t\r\n:", at + key.size());
    if (at == text.npos || text[at] != '"') return {};
    const std::size_t end = text.find('"', at + 1);
    if (end == text.npos) return {};
    const std::string_view batch = text.substr(at + 1, end - at - 1);
    return is_batch(batch) ? std::string(batch) : std::string{};
}

}  // namespace

bool is_batch(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

error_code make_error_code(errc e) noexcept {
    static const category instance;
    return {static_cast<int>(e), instance};
}

struct decoder::parser {
    dom::parser json;

    simdjson::simdjson_result<dom::element> parse(std::string_view text, bool is_padded = false) {
        if (text.empty()) return simdjson::EMPTY;  // there may be no bytes to point to
        if (json.capacity() < text.size() || json.max_depth() != most_depth) {
            const auto error = json.allocate(std::max<std::size_t>(text.size(), 16 * 1024), most_depth);
            if (error) return error;
        }
        return json.parse(text.data(), text.size(), !is_padded);
    }

    result<std::vector<decoded>> salvage(std::string_view text) {
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        if (first == text.npos) return errc::malformed_json;
        std::vector<std::string_view> parts{text};
        if (text[first] == '[') parts = cut_array(text);
        if (parts.size() > most_messages) return errc::too_many_messages;
        std::vector<decoded> out;
        for (const std::string_view part : parts) {
            dom::object object;
            if (parse(part).get(object) == simdjson::SUCCESS) {
                out.push_back(read_object(object));
            } else {
                std::string batch = guess_batch(part);
                if (batch.empty()) return errc::malformed_json;
                out.push_back(broken_message{std::move(batch), "the message is not JSON"});
            }
        }
        if (out.empty()) return errc::malformed_json;
        return out;
    }
};

decoder::decoder() : parser_(std::make_unique<parser>()) {}
decoder::~decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;

result<decoded> decoder::decode_one(std::string_view json, std::size_t behind) {
    static_assert(padding >= simdjson::SIMDJSON_PADDING);
    dom::object object;
    if (parser_->parse(json, behind >= padding).get(object) == simdjson::SUCCESS)
        return read_object(object);
    std::string batch = guess_batch(json);
    if (batch.empty()) return errc::malformed_json;
    return broken_message{std::move(batch), "the message is not a JSON object"};
}

decoded decoder::decode_threaded(std::string_view json, std::string_view thread) {
    dom::object object;
    if (parser_->parse(json).get(object) != simdjson::SUCCESS)
        return broken_message{std::string(thread), "the message is not a JSON object"};
    reader r(thread);
    if (const char* why = r.read(object)) return broken_message{std::string(thread), why};
    return std::move(r.result);
}

result<std::vector<decoded>> decoder::decode(std::string_view json) {
    dom::element root;
    if (parser_->parse(json).get(root) != simdjson::SUCCESS) return parser_->salvage(json);
    std::vector<decoded> out;
    dom::object object;
    if (root.get(object) == simdjson::SUCCESS) {
        out.push_back(read_object(object));
        return out;
    }
    dom::array list;
    if (root.get(list) != simdjson::SUCCESS) return errc::not_messages;
    if (list.size() > most_messages) return errc::too_many_messages;
    out.reserve(list.size());
    for (const dom::element entry : list) {
        if (entry.get(object) != simdjson::SUCCESS) return errc::not_messages;
        out.push_back(read_object(object));
    }
    return out;
}

}  // namespace crosstalk::talk
