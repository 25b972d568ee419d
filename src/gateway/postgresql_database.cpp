// PostgreSQL by libpq: one connection, made anew when it has broken.
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "gateway/database.hpp"
#include "gateway/registry_error.hpp"
#include "gateway/schema.hpp"

namespace crosstalk::gateway {

namespace {

/// A little more than the server allows itself: see `options` below.
constexpr base::milliseconds longest_answer{8'000};
/// Any number of its own: who brings the schema up holds this lock.
constexpr const char* lock_schema = "SELECT pg_advisory_xact_lock(5347001)";
constexpr const char* version_table =
    "CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL);"
    "INSERT INTO schema_version SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)";

struct finish_connection {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
};
struct clear_answer {
    void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using connection = std::unique_ptr<PGconn, finish_connection>;
using answer = std::unique_ptr<PGresult, clear_answer>;

void be_silent(void*, const PGresult*) {}

/// By SQLSTATE: its first two characters are the class (PostgreSQL's manual, appendix A).
registry_errc meaning_of(const PGresult* failed) {
    const char* state = PQresultErrorField(failed, PG_DIAG_SQLSTATE);
    const std::string_view code = state == nullptr ? "" : state;
    if (code.starts_with("23")) return registry_errc::name_taken;
    if (code.starts_with("42")) return registry_errc::not_a_registry;  // no such table or column, no permission
    if (code == "55P03" || code == "57014") return registry_errc::locked;
    if (code.starts_with("08") || code.starts_with("57P")) return registry_errc::no_server;
    return registry_errc::failed;
}

class postgresql_database final : public database {
  public:
    explicit postgresql_database(std::string url) : url_(std::move(url)) {}

    result<void> ask(const char* text, std::initializer_list<value> parameters,
                     const row_taker& take) override {
        if (auto connected = connect(); !connected) return connected;
        std::vector<std::string> numbers;
        numbers.reserve(parameters.size());
        std::vector<const char*> values;
        for (const auto& each : parameters) {
            if (const auto* words = std::get_if<std::string>(&each)) {
                values.push_back(words->c_str());
            } else {
                numbers.push_back(std::to_string(std::get<std::int64_t>(each)));
                values.push_back(numbers.back().c_str());
            }
        }
        const bool is_sent = PQsendQueryParams(there_.get(), text, static_cast<int>(values.size()), nullptr,
                                               values.data(), nullptr, nullptr, 0) == 1;
        const auto got = wait_for_answer(is_sent);
        if (auto failed = judge(got.get()); !failed) return failed;
        give_rows(got.get(), take);
        return {};
    }

    result<void> run(const char* statements) override {
        if (auto connected = connect(); !connected) return connected;
        const bool is_sent = PQsendQuery(there_.get(), statements) == 1;
        const auto got = wait_for_answer(is_sent);
        return judge(got.get());
    }
    result<void> begin_reading() override { return run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); }
    result<void> begin_writing() override { return run("BEGIN"); }

    result<void> bring_schema_up() override {
        return write([this] { return take_steps(); });
    }

  private:
    /// A transaction that the old connection was in is gone with it: what comes next in it fails.
    result<void> connect() {
        if (there_ != nullptr && PQstatus(there_.get()) == CONNECTION_OK) return {};
        // What the URL itself says comes later in the list, and wins.
        const std::array<const char*, 8> names{"connect_timeout", "tcp_user_timeout", "keepalives_idle",
                                               "application_name", "options", "dbname", nullptr, nullptr};
        const std::array<const char*, 8> values{
            "5", "5000", "10", "crosstalk", "-c statement_timeout=5000 -c lock_timeout=3000 -c client_min_messages=warning",
            url_.c_str(), nullptr, nullptr};
        there_.reset(PQconnectdbParams(names.data(), values.data(), 1));
        if (there_ != nullptr && PQstatus(there_.get()) == CONNECTION_OK) {
            PQsetNoticeReceiver(there_.get(), be_silent, nullptr);
            return {};
        }
        tell(there_ == nullptr ? "out of memory" : PQerrorMessage(there_.get()));
        return registry_errc::no_server;
    }
    /// libpq's own words are worth having; they never hold the password. The same ones are told once.
    void tell(std::string_view words) {
        while (words.ends_with('\n')) words.remove_suffix(1);
        if (std::exchange(told_, std::string(words)) == words) return;
        base::log(base::log_level::warning, "PostgreSQL", {{"reason", words}});
    }
    /// The last result of what was sent, or the first that failed; null when the connection is of no use any
    /// more.
    answer wait_for_answer(bool is_sent) {
        const auto deadline = base::clock::now() + longest_answer;
        answer last;
        while (is_sent && wait_for_input(deadline)) {
            answer next(PQgetResult(there_.get()));
            if (next == nullptr) return last;
            const auto before = PQresultStatus(last.get());
            if (last == nullptr || before == PGRES_COMMAND_OK || before == PGRES_TUPLES_OK) last = std::move(next);
        }
        tell(PQstatus(there_.get()) == CONNECTION_OK ? "the server does not answer in time" : PQerrorMessage(there_.get()));
        there_.reset();
        return nullptr;
    }
    /// Until PQgetResult() gives something at once.
    bool wait_for_input(base::time_point deadline) {
        while (PQisBusy(there_.get()) == 1) {
            const auto left = std::chrono::duration_cast<base::milliseconds>(deadline - base::clock::now());
            pollfd socket{PQsocket(there_.get()), POLLIN, 0};
            const int ready = left.count() <= 0 ? 0 : ::poll(&socket, 1, static_cast<int>(left.count()));
            if (ready < 0 && errno == EINTR) continue;
            if (ready <= 0 || PQconsumeInput(there_.get()) != 1) return false;
        }
        return true;
    }
    result<void> judge(const PGresult* got) {
        if (got == nullptr) return registry_errc::no_server;
        const auto status = PQresultStatus(got);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            told_.clear();
            return {};
        }
        const auto why = meaning_of(got);
        if (why != registry_errc::name_taken) tell(PQresultErrorMessage(got));
        return why;
    }
    static void give_rows(const PGresult* got, const row_taker& take) {
        row columns;
        for (int at = 0; at < PQntuples(got); ++at) {
            columns.clear();
            for (int column = 0; column < PQnfields(got); ++column) {
                const auto size = static_cast<std::size_t>(PQgetlength(got, at, column));
                columns.emplace_back(PQgetvalue(got, at, column), size);
            }
            take(columns);
        }
    }
    result<void> take_steps() {
        if (auto locked = run(lock_schema); !locked) return locked;
        if (auto made = run(version_table); !made) return made;
        std::size_t from = 0;
        const auto asked = ask("SELECT number FROM schema_version", {}, [&from](const row& columns) {
            std::from_chars(columns[0].data(), columns[0].data() + columns[0].size(), from);
        });
        if (!asked) return asked;
        if (from > schema_steps.size()) return registry_errc::newer_schema;
        for (auto at = from; at < schema_steps.size(); ++at) {
            if (auto made = run(schema_steps.at(at).postgresql); !made) return made;
        }
        return ask("UPDATE schema_version SET number = $1",
                   {static_cast<std::int64_t>(schema_version)}, [](const row&) {});
    }

    std::string url_;
    connection there_;
    std::string told_;
};

}  // namespace

result<std::unique_ptr<database>> open_postgresql(const std::string& url) {
    return std::unique_ptr<database>(std::make_unique<postgresql_database>(url));
}

}  // namespace crosstalk::gateway
