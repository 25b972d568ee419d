// The test vectors of tests/vectors/, and messages as they are written down there (its README).
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/error.hpp"
#include "talk/decoder.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::vectors {

using simdjson::dom::element;

/// One file of vectors, parsed.
class file {
  public:
    explicit file(const std::string& name);
    [[nodiscard]] const element& root() const { return root_; }
    /// The cases, at least one.
    [[nodiscard]] std::vector<element> cases(std::string_view key) const;

  private:
    simdjson::dom::parser parser_;
    element root_;
};

[[nodiscard]] std::string whole_file(const std::string& path);

[[nodiscard]] bool has(const element& object, std::string_view key);
[[nodiscard]] std::string text(const element& object, std::string_view key);
[[nodiscard]] std::uint64_t number(const element& object, std::string_view key);
/// Where each character stands for one byte.
[[nodiscard]] std::string bytes(std::string_view text);
/// The bytes that stand there in base64.
[[nodiscard]] std::string unpacked(std::string_view base64);

/// The messages that `means` lists; of broken ones the batch alone.
[[nodiscard]] std::vector<talk::decoded> meanings(const element& vector);
/// What has been read, without the words that say what is wrong with broken messages.
[[nodiscard]] std::vector<talk::decoded> without_words(std::vector<talk::decoded> read);

/// The stanzas of `xml`.
[[nodiscard]] std::vector<xmpp::element> stanzas(std::string_view xml);

}  // namespace crosstalk::vectors
