// SQLite: one file, a write-ahead log, statements prepared once.
#include <sqlite3.h>

#include <filesystem>
#include <unordered_map>
#include <utility>

#include "gateway/database.hpp"
#include "gateway/registry_error.hpp"
#include "gateway/schema.hpp"

namespace crosstalk::gateway {

namespace {

constexpr int busy_milliseconds = 3000;

registry_errc meaning_of(int code) noexcept {
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return registry_errc::name_taken;
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_READONLY:
            return registry_errc::cannot_open;
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return registry_errc::not_a_registry;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return registry_errc::locked;
        default:
            return registry_errc::failed;
    }
}

struct close_database {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};
struct finalize_statement {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
};
using statement = std::unique_ptr<sqlite3_stmt, finalize_statement>;

/// Resets a statement when its use is over, so that no read transaction stays open.
class use_of {
  public:
    explicit use_of(sqlite3_stmt* s) : statement_(s) {}
    ~use_of() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    use_of(const use_of&) = delete;
    use_of& operator=(const use_of&) = delete;

    void bind(int at, const database::value& v) {
        if (const auto* number = std::get_if<std::int64_t>(&v)) {
            sqlite3_bind_int64(statement_, at, *number);
        } else {
            const auto& text = std::get<std::string>(v);
            sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
        }
    }
    int step() { return sqlite3_step(statement_); }
    void read(database::row& into) {
        into.clear();
        for (int column = 0; column < sqlite3_column_count(statement_); ++column) {
            const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
            into.push_back(bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
        }
    }

  private:
    sqlite3_stmt* statement_;
};

class sqlite_database final : public database {
  public:
    explicit sqlite_database(sqlite3* db) : db_(db) {}

    result<void> ask(const char* text, std::initializer_list<value> parameters,
                     const row_taker& take) override {
        const auto prepared = prepare(text);
        if (!prepared) return prepared.error();
        use_of asked(*prepared);
        int at = 0;
        for (const auto& each : parameters) asked.bind(++at, each);
        row columns;
        for (;;) {
            const int code = asked.step();
            if (code == SQLITE_DONE) return {};
            if (code != SQLITE_ROW) return meaning_of(code);
            asked.read(columns);
            take(columns);
        }
    }

    result<void> run(const char* statements) override {
        const int code = sqlite3_exec(db_.get(), statements, nullptr, nullptr, nullptr);
        if (code == SQLITE_ERROR) return registry_errc::not_a_registry;
        if (code != SQLITE_OK) return meaning_of(code);
        return {};
    }
    result<void> begin_reading() override { return run("BEGIN"); }
    result<void> begin_writing() override { return run("BEGIN IMMEDIATE"); }

    result<void> bring_schema_up() override {
        const auto there = version();
        if (!there) return there.error();
        if (*there > schema_version) return registry_errc::newer_schema;
        if (*there == schema_version) return {};
        return write([this] { return take_steps(); });
    }

  private:
    result<sqlite3_stmt*> prepare(const char* text) {
        auto& kept = statements_[text];
        if (kept == nullptr) {
            sqlite3_stmt* made = nullptr;
            const int code = sqlite3_prepare_v3(db_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
            if (code == SQLITE_ERROR) return registry_errc::not_a_registry;
            if (code != SQLITE_OK) return meaning_of(code);
            kept.reset(made);
        }
        return kept.get();
    }
    result<int> version() {
        int number = 0;
        const auto asked = ask("PRAGMA user_version", {},
                               [&number](const row& columns) { number = std::stoi(std::string(columns[0])); });
        if (!asked) return asked.error();
        return number;
    }
    /// Asked again within the transaction: another process may just have done it.
    result<void> take_steps() {
        const auto from = version();
        if (!from) return from.error();
        for (auto at = static_cast<std::size_t>(*from); at < schema_steps.size(); ++at) {
            if (auto made = run(schema_steps.at(at).sqlite); !made) return made;
        }
        return run(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
    }

    // The statements go before the database that they belong to.
    std::unique_ptr<sqlite3, close_database> db_;
    std::unordered_map<std::string_view, statement> statements_;  ///< by texts that are constants
};

/// Whoever reads the secrets in it can sign a visitor's cookie. What SQLite puts beside the file is as the file is.
void close_to_others(const std::string& path) {
    std::error_code not_ours;
    std::filesystem::permissions(path, std::filesystem::perms::others_all, std::filesystem::perm_options::remove, not_ours);
}

}  // namespace

result<std::unique_ptr<database>> open_sqlite(const std::string& path) {
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    auto opened = std::make_unique<sqlite_database>(db);
    if (code != SQLITE_OK) return meaning_of(code);
    close_to_others(path);
    sqlite3_busy_timeout(db, busy_milliseconds);
    const auto set =
        opened->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
    if (!set) return set.error();
    return std::unique_ptr<database>(std::move(opened));
}

}  // namespace crosstalk::gateway
