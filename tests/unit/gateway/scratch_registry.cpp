// See scratch_registry.hpp.
#include "scratch_registry.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "gateway/schema.hpp"

namespace crosstalk::gateway::test {

scratch_registry::scratch_registry() {
    const char* server = std::getenv("CROSSTALK_REGISTRY");
    if (server == nullptr) {
        url_ = file_.emplace().url();
        return;
    }
    static int serial = 0;
    server_ = server;
    schema_ = "test_" + std::to_string(::getpid()) + '_' + std::to_string(++serial);
    url_ = server_ + (server_.find('?') == std::string::npos ? '?' : '&') + "options=-csearch_path%3D" + schema_;
    REQUIRE(open_postgresql(server_).value()->run(("CREATE SCHEMA " + schema_).c_str()));
}

scratch_registry::~scratch_registry() {
    if (!file_) CHECK(open_postgresql(server_).value()->run(("DROP SCHEMA " + schema_ + " CASCADE").c_str()));
}

void scratch_registry::run(const char* sqlite, const char* postgresql) const {
    const auto direct = file_ ? open_sqlite(file_->path()).value() : open_postgresql(url_).value();
    REQUIRE(direct->run(file_ ? sqlite : postgresql));
}

void scratch_registry::make_first_version() const {
    run(schema_steps[0].sqlite, schema_steps[0].postgresql);
    run("PRAGMA user_version = 1", "CREATE TABLE schema_version (number BIGINT NOT NULL); INSERT INTO schema_version VALUES (1)");
}

}  // namespace crosstalk::gateway::test
