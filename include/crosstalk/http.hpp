// HTTP heads as values: what the gateway reads from a browser and a peer answers with.
//
// Rule 1: strings hold raw bytes as they stood on the wire (RFC 9110, 5.5), never text in
//         some assumed encoding.
// Rule 2: fields keep their order and their repeats; names compare without case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::http {

/// One header field line (RFC 9110, 5.1).
struct field {
    std::string name;
    std::string value;
    bool operator==(const field&) const = default;
};

/// Whether two names or tokens are the same but for ASCII case.
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool is_letter = (a[i] | 0x20) >= 'a' && (a[i] | 0x20) <= 'z';
        if (a[i] != b[i] && (!is_letter || (a[i] ^ b[i]) != 0x20)) return false;
    }
    return true;
}

/// An ordered list of header fields. Any thread may read; writing needs sole ownership.
class fields {
  public:
    using const_iterator = std::vector<field>::const_iterator;

    fields() = default;
    fields(std::initializer_list<field> list) : list_(list) {}

    [[nodiscard]] const_iterator begin() const noexcept { return list_.begin(); }
    [[nodiscard]] const_iterator end() const noexcept { return list_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }

    /// The value of the first field of that name, or null. Valid until the list changes.
    [[nodiscard]] const std::string* find(std::string_view name) const noexcept;
    /// The same, or "" when there is none.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    /// How many fields of that name there are.
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    /// Appends a field.
    void add(std::string name, std::string value);
    /// Replaces all fields of that name by one.
    void set(std::string_view name, std::string value);
    /// Removes all fields of that name; how many there were.
    std::size_t remove(std::string_view name);
    template <class Predicate>
    void remove_if(Predicate predicate) {
        std::erase_if(list_, predicate);
    }
    /// Calls `use` with each field, which it may change.
    template <class Use>
    void for_each(Use use) {
        for (field& f : list_) use(f);
    }
    void clear() noexcept { list_.clear(); }
    bool operator==(const fields&) const = default;

  private:
    std::vector<field> list_;
};

/// A request line with its fields (RFC 9112, 3). `version_minor` is 0 or 1 of HTTP/1.x.
struct request_head {
    std::string method;
    std::string target;
    unsigned version_minor = 1;
    fields headers;
};

/// A status line with its fields (RFC 9112, 4). `reason` may be empty.
struct response_head {
    unsigned status = 200;
    std::string reason;
    unsigned version_minor = 1;
    fields headers;
};

}  // namespace crosstalk::http
