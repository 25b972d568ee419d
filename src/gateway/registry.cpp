// The registry over SQLite: write-ahead log, busy timeout, prepared statements, a versioned schema.
#include "gateway/registry.hpp"

#include <sqlite3.h>

#include <chrono>
#include <utility>

namespace crosstalk::gateway {

namespace {

constexpr int schema_version = 1;
constexpr int busy_milliseconds = 3000;
constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS site ("
    "  name TEXT PRIMARY KEY NOT NULL,"
    "  owner TEXT NOT NULL,"
    "  created INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS site_by_owner ON site (owner);"
    "PRAGMA user_version = 1;";

class registry_category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.registry"; }
    std::string message(int value) const override {
        switch (static_cast<registry_errc>(value)) {
            case registry_errc::name_taken:
                return "a site of that name exists already";
            case registry_errc::bad_site:
                return "a site needs a name of 1 to 63 letters a-z, digits and hyphens, and an owner";
            case registry_errc::cannot_open:
                return "the file cannot be opened or created: see to it that its folder exists and "
                       "that "
                       "this user may write there";
            case registry_errc::not_a_registry:
                return "the file is not a registry of sites, or it is damaged: name another file, or "
                       "restore it from a backup";
            case registry_errc::newer_schema:
                return "the file was written by a newer version of this program: install that one";
            case registry_errc::locked:
                return "another process keeps the file locked: try again when it is done";
            case registry_errc::failed:
                return "the file cannot be read or written: look for a full disk or an I/O error";
        }
        return "unknown registry error";
    }
};

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
using database = std::unique_ptr<sqlite3, close_database>;
using statement = std::unique_ptr<sqlite3_stmt, finalize_statement>;

/// Resets a statement when its use is over, so that no read transaction stays open.
class use_of {
  public:
    explicit use_of(const statement& s) : statement_(s.get()) {}
    ~use_of() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    use_of(const use_of&) = delete;
    use_of& operator=(const use_of&) = delete;

    void bind(int at, const std::string& text) {
        sqlite3_bind_text(statement_, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    }
    void bind(int at, std::int64_t number) { sqlite3_bind_int64(statement_, at, number); }
    int step() { return sqlite3_step(statement_); }
    [[nodiscard]] std::string text(int column) const {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return bytes == nullptr ? std::string() : std::string(bytes);
    }
    [[nodiscard]] std::int64_t number(int column) const {
        return sqlite3_column_int64(statement_, column);
    }
    [[nodiscard]] site row() const { return {text(0), text(1), false, number(2)}; }

  private:
    sqlite3_stmt* statement_;
};

}  // namespace

error_code make_error_code(registry_errc e) noexcept {
    static const registry_category category;
    return {static_cast<int>(e), category};
}

struct registry::state {
    // The statements go before the database that they belong to.
    database db;
    statement insert, erase, erase_of, by_name, all, by_owner, version;

    result<void> run(const char* sql) {
        const int code = sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return meaning_of(code);
        return {};
    }
    result<void> prepare(statement& into, const char* sql) {
        sqlite3_stmt* made = nullptr;
        const int code =
            sqlite3_prepare_v3(db.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
        into.reset(made);
        if (code != SQLITE_OK)
            return code == SQLITE_ERROR ? registry_errc::not_a_registry : meaning_of(code);
        return {};
    }
    result<std::int64_t> number_of(const char* sql) {
        statement once;
        if (auto made = prepare(once, sql); !made) return made.error();
        use_of asked(once);
        const int code = asked.step();
        if (code != SQLITE_ROW) return meaning_of(code);
        return asked.number(0);
    }
    result<void> bring_schema_up() {
        auto version_there = number_of("PRAGMA user_version");
        if (!version_there) return version_there.error();
        if (*version_there > schema_version) return registry_errc::newer_schema;
        if (*version_there == schema_version) return {};
        if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
        if (auto made = run(schema); !made) {
            (void)run("ROLLBACK");
            return made;
        }
        return run("COMMIT");
    }
    result<void> prepare_all() {
        const std::pair<statement*, const char*> wanted[] = {
            {&insert, "INSERT INTO site (name, owner, created) VALUES (?1, ?2, ?3)"},
            {&erase, "DELETE FROM site WHERE name = ?1"},
            {&erase_of, "DELETE FROM site WHERE owner = ?1"},
            {&by_name, "SELECT name, owner, created FROM site WHERE name = ?1"},
            {&all, "SELECT name, owner, created FROM site ORDER BY name"},
            {&by_owner, "SELECT name, owner, created FROM site WHERE owner = ?1 ORDER BY name"},
            {&version, "PRAGMA data_version"},
        };
        for (const auto& [into, sql] : wanted) {
            if (auto made = prepare(*into, sql); !made) return made;
        }
        return {};
    }
    result<std::vector<site>> rows(use_of& asked) {
        std::vector<site> found;
        int code = asked.step();
        for (; code == SQLITE_ROW; code = asked.step()) found.push_back(asked.row());
        if (code != SQLITE_DONE) return meaning_of(code);
        return found;
    }
};

registry::registry(std::unique_ptr<state> s) : state_(std::move(s)) {}
registry::registry(registry&&) noexcept = default;
registry& registry::operator=(registry&&) noexcept = default;
registry::~registry() = default;

result<registry> registry::open(const std::string& path) {
    auto s = std::make_unique<state>();
    sqlite3* db = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    s->db.reset(db);
    if (code != SQLITE_OK) return meaning_of(code);
    sqlite3_busy_timeout(db, busy_milliseconds);
    if (auto set = s->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"); !set)
        return set.error();
    if (auto made = s->bring_schema_up(); !made) return made.error();
    if (auto made = s->prepare_all(); !made) return made.error();
    return registry(std::move(s));
}

result<void> registry::add(site added) {
    if (!is_site_name(added.name) || added.owner.empty()) return registry_errc::bad_site;
    if (added.created == 0) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        added.created = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    }
    use_of asked(state_->insert);
    asked.bind(1, added.name);
    asked.bind(2, added.owner);
    asked.bind(3, added.created);
    const int code = asked.step();
    if (code != SQLITE_DONE) return meaning_of(code);
    return {};
}

result<bool> registry::remove(const std::string& name) {
    use_of asked(state_->erase);
    asked.bind(1, name);
    const int code = asked.step();
    if (code != SQLITE_DONE) return meaning_of(code);
    return sqlite3_changes(state_->db.get()) > 0;
}

result<bool> registry::remove_of(const std::string& owner) {
    use_of asked(state_->erase_of);
    asked.bind(1, owner);
    const int code = asked.step();
    if (code != SQLITE_DONE) return meaning_of(code);
    return sqlite3_changes(state_->db.get()) > 0;
}

result<std::optional<site>> registry::find(const std::string& name) {
    use_of asked(state_->by_name);
    asked.bind(1, name);
    const int code = asked.step();
    if (code == SQLITE_ROW) return std::optional<site>(asked.row());
    if (code != SQLITE_DONE) return meaning_of(code);
    return std::optional<site>();
}

result<std::vector<site>> registry::list() {
    use_of asked(state_->all);
    return state_->rows(asked);
}

result<std::vector<site>> registry::of_owner(const std::string& owner) {
    use_of asked(state_->by_owner);
    asked.bind(1, owner);
    return state_->rows(asked);
}

result<std::int64_t> registry::data_version() {
    use_of asked(state_->version);
    const int code = asked.step();
    if (code != SQLITE_ROW) return meaning_of(code);
    return asked.number(0);
}

}  // namespace crosstalk::gateway
