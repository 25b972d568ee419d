// A database that the registry is kept in: SQLite or PostgreSQL behind the same few calls.
//
// Rule 1: a statement is one text for both, with $1, $2 … in the order of its parameters.
// Rule 2: every call ends in bounded time, with an error if need be.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "crosstalk/error.hpp"

namespace crosstalk::gateway {

class database {
  public:
    using value = std::variant<std::int64_t, std::string>;
    /// The columns of one row as text: numbers in decimal, "" for NULL. Valid during the call.
    using row = std::vector<std::string_view>;
    using row_taker = std::function<void(const row&)>;

    virtual ~database() = default;
    /// Runs one statement; each row is given to `take`.
    [[nodiscard]] virtual result<void> ask(const char* statement, std::initializer_list<value> parameters,
                                           const row_taker& take) = 0;
    /// Runs several statements without parameters.
    [[nodiscard]] virtual result<void> run(const char* statements) = 0;
    /// Begins to read a state that others do not change meanwhile.
    [[nodiscard]] virtual result<void> begin_reading() = 0;
    /// Begins to write, waiting until no other does.
    [[nodiscard]] virtual result<void> begin_writing() = 0;
    /// Brings the schema up to this program's version.
    [[nodiscard]] virtual result<void> bring_schema_up() = 0;

    /// Writes all that `change` does, or nothing of it.
    [[nodiscard]] result<void> write(const std::function<result<void>()>& change);
    [[nodiscard]] result<void> ask(const char* statement, std::initializer_list<value> parameters) {
        return ask(statement, parameters, [](const row&) {});
    }
};

/// The file at `path`, made when it is not there.
[[nodiscard]] result<std::unique_ptr<database>> open_sqlite(const std::string& path);
/// The server and database of a URL (postgresql://…) as libpq takes it.
[[nodiscard]] result<std::unique_ptr<database>> open_postgresql(const std::string& url);

}  // namespace crosstalk::gateway
