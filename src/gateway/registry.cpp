// The registry's questions, the same for both databases.
#include "gateway/registry.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/wall_clock.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
/// Who is further behind than the triggers remember reads everything.
constexpr std::int64_t remembered_changes = 10'000;

std::int64_t to_number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

site to_site(const database::row& columns) {
    site s{std::string(columns[0]), std::string(columns[1]), false, to_number(columns[2])};
    // What this version does not know is shown to nobody but guests.
    s.seen_by = parse_visibility(columns[3]).value_or(visibility::listed);
    s.suspended = to_number(columns[4]) != 0;
    return s;
}

/// Hands out rows of (name, text), which come by name, to the sites that they belong to.
class distribution {
  public:
    distribution(std::vector<site>& sites, std::vector<std::string> site::*to) : at_(sites.begin()), end_(sites.end()), to_(to) {}
    void take(const database::row& columns) {
        while (at_ != end_ && at_->name < columns[0]) ++at_;
        if (at_ != end_ && at_->name == columns[0]) ((*at_).*to_).emplace_back(columns[1]);
    }

  private:
    std::vector<site>::iterator at_, end_;
    std::vector<std::string> site::*to_;
};

}  // namespace

registry::registry(std::unique_ptr<database> db) : db_(std::move(db)) {}

result<registry> registry::open(const std::string& where) {
    const bool is_file = where.starts_with(sqlite_scheme);
    auto opened = is_file ? open_sqlite(where.substr(sqlite_scheme.size())) : open_postgresql(where);
    if (!opened) return opened.error();
    if (auto made = (*opened)->bring_schema_up(); !made) return made.error();
    registry ready(*std::move(opened));
    // Whether it is a registry at all shows now, not with the first visitor.
    if (auto asked = ready.number("SELECT number FROM revision"); !asked) return asked.error();
    return ready;
}

std::string registry::title_of(const std::string& where) {
    if (where.starts_with(sqlite_scheme)) return where.substr(sqlite_scheme.size());
    // scheme://user:password@host/database?password=…
    auto title = where.substr(0, where.find('?'));
    const auto user = title.find("://");
    const auto host = user == std::string::npos ? user : title.rfind('@');
    if (host == std::string::npos) return title;
    const auto colon = title.find(':', user + 3);
    if (colon < host) title.erase(colon, host - colon);
    return title;
}

result<std::int64_t> registry::number(const char* statement) {
    std::int64_t value = 0;
    const auto asked = db_->ask(statement, {}, [&value](const auto& columns) { value = to_number(columns[0]); });
    if (!asked) return asked.error();
    return value;
}

// Sites

result<void> registry::add(site added) {
    if (!is_site_name(added.name) || added.owner.empty()) return registry_errc::bad_site;
    if (added.created == 0) added.created = base::seconds_since_1970();
    return db_->write([&]() -> result<void> {
        auto done = db_->ask("INSERT INTO site (name, owner, created, seen_by, suspended) VALUES ($1, $2, $3, $4, $5)",
                             {added.name, added.owner, added.created, std::string(to_text(added.seen_by)),
                              std::int64_t{added.suspended}});
        if (!done) return done;
        return put_guests(added.name, added.guests);
    });
}

result<void> registry::put_guests(const std::string& name, const std::vector<std::string>& guests) {
    for (const auto& guest : guests) {
        auto put = db_->ask("INSERT INTO guest (name, jid) VALUES ($1, $2) ON CONFLICT DO NOTHING", {name, guest});
        if (!put) return put;
    }
    return {};
}

result<bool> registry::remove(const std::string& name) {
    bool was_there = false;
    const auto done = db_->ask("DELETE FROM site WHERE name = $1 RETURNING name", {name},
                               [&was_there](const auto&) { was_there = true; });
    if (!done) return {boost::system::in_place_error, done.error()};
    return was_there;
}

result<bool> registry::remove_of(const std::string& owner) {
    bool was_there = false;
    const auto done = db_->ask("DELETE FROM site WHERE owner = $1 RETURNING name", {owner},
                               [&was_there](const auto&) { was_there = true; });
    if (!done) return {boost::system::in_place_error, done.error()};
    return was_there;
}

result<bool> registry::update(const site& before, const site& after) {
    bool is_there = false;
    const auto done = db_->write([&]() -> result<void> {
        auto found = db_->ask("SELECT name FROM site WHERE name = $1 AND owner = $2", {before.name, before.owner},
                              [&is_there](const auto&) { is_there = true; });
        if (!found || !is_there) return found;
        return write_change(before, after);
    });
    if (!done) return {boost::system::in_place_error, done.error()};
    return is_there;
}

result<void> registry::write_change(const site& before, const site& after) {
    result<void> done;
    if (after.seen_by != before.seen_by)
        done = db_->ask("UPDATE site SET seen_by = $1 WHERE name = $2", {std::string(to_text(after.seen_by)), before.name});
    if (done && after.suspended != before.suspended)
        done = db_->ask("UPDATE site SET suspended = $1 WHERE name = $2", {std::int64_t{after.suspended}, before.name});
    std::vector<std::string> gone, come;
    std::ranges::set_difference(before.guests, after.guests, std::back_inserter(gone));
    std::ranges::set_difference(after.guests, before.guests, std::back_inserter(come));
    for (const auto& guest : gone) {
        if (!done) return done;
        done = db_->ask("DELETE FROM guest WHERE name = $1 AND jid = $2", {before.name, guest});
    }
    return done ? put_guests(before.name, come) : done;
}

result<std::optional<site>> registry::find(const std::string& name) {
    std::optional<site> found;
    auto asked = db_->ask("SELECT name, owner, created, seen_by, suspended FROM site WHERE name = $1", {name},
                          [&found](const auto& columns) { found = to_site(columns); });
    if (asked && found)
        asked = db_->ask("SELECT jid FROM guest WHERE name = $1 ORDER BY jid", {name},
                         [&found](const auto& columns) { found->guests.emplace_back(columns[0]); });
    if (asked && found)
        asked = db_->ask("SELECT host FROM host WHERE name = $1 ORDER BY host", {name},
                         [&found](const auto& columns) { found->hosts.emplace_back(columns[0]); });
    if (!asked) return asked.error();
    return found;
}

result<std::vector<site>> registry::list() {
    auto all = read_all(0);
    if (!all) return all.error();
    return std::move(all->sites);
}

result<std::vector<site>> registry::of_owner(const std::string& owner) {
    std::vector<site> found;
    const auto asked =
        db_->ask("SELECT name, owner, created, seen_by, suspended FROM site WHERE owner = $1 ORDER BY name", {owner},
                 [&found](const auto& columns) { found.push_back(to_site(columns)); });
    if (!asked) return asked.error();
    return found;
}

// Hosts and rules

result<void> registry::add_host(const std::string& host, const std::string& name) {
    return db_->ask("INSERT INTO host (host, name) VALUES ($1, $2)", {host, name});
}

result<void> registry::move_host(const std::string& host, const std::string& name) {
    return db_->ask("INSERT INTO host (host, name) VALUES ($1, $2) ON CONFLICT (host) DO UPDATE SET name = excluded.name",
                    {host, name});
}

result<bool> registry::remove_host(const std::string& host) {
    bool was_there = false;
    const auto done = db_->ask("DELETE FROM host WHERE host = $1 RETURNING host", {host},
                               [&was_there](const auto&) { was_there = true; });
    if (!done) return {boost::system::in_place_error, done.error()};
    return was_there;
}

result<std::vector<policy>> registry::rules() {
    std::vector<policy> all;
    const auto asked = db_->ask("SELECT subject, key, value FROM rule ORDER BY subject, key", {}, [&all](const auto& columns) {
        if (const auto key = parse_policy_key(columns[1]))
            all.push_back({std::string(columns[0]), *key, to_number(columns[2])});
    });
    if (!asked) return asked.error();
    return all;
}

result<void> registry::rule(const std::string& subject, policy_key key, std::optional<std::int64_t> value) {
    const std::string word(to_text(key));
    if (!value) return db_->ask("DELETE FROM rule WHERE subject = $1 AND key = $2", {subject, word});
    return db_->ask("INSERT INTO rule (subject, key, value) VALUES ($1, $2, $3) "
                    "ON CONFLICT (subject, key) DO UPDATE SET value = excluded.value",
                    {subject, word, *value});
}

// What outlives a restart

result<std::string> registry::secret(const std::string& name, const std::string& made) {
    auto done = db_->ask("INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", {name, made});
    std::string kept;
    if (done)
        done = db_->ask("SELECT value FROM secret WHERE name = $1", {name}, [&kept](const auto& columns) { kept = columns[0]; });
    if (!done) return done.error();
    return kept;
}

result<void> registry::remember_end(const std::string& id, std::int64_t expires, std::int64_t now) {
    if (auto cleared = db_->ask("DELETE FROM ended WHERE expires <= $1", {now}); !cleared) return cleared;
    return db_->ask("INSERT INTO ended (id, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING", {id, expires});
}

result<std::vector<std::string>> registry::ended(std::int64_t now) {
    std::vector<std::string> ids;
    const auto asked = db_->ask("SELECT id FROM ended WHERE expires > $1", {now},
                                [&ids](const auto& columns) { ids.emplace_back(columns[0]); });
    if (!asked) return asked.error();
    return ids;
}

// Changes

result<registry_changes> registry::since(std::int64_t revision) {
    const auto latest = number("SELECT number FROM revision");
    if (!latest) return latest.error();
    if (*latest == revision) {
        registry_changes none;
        none.revision = revision;
        return none;
    }
    // A number that has become smaller belongs to a backup that was put back.
    if (revision < 0 || *latest < revision || *latest - revision >= remembered_changes / 2) return read_all(*latest);
    return read_changes(revision, *latest);
}

/// Changes that come while it reads are read again with the next look.
result<registry_changes> registry::read_all(std::int64_t revision) {
    registry_changes all;
    all.revision = revision;
    all.is_all = true;
    if (auto begun = db_->begin_reading(); !begun) return begun.error();
    auto done = db_->ask("SELECT name, owner, created, seen_by, suspended FROM site ORDER BY name", {},
                         [&all](const auto& columns) { all.sites.push_back(to_site(columns)); });
    distribution guests(all.sites, &site::guests), hosts(all.sites, &site::hosts);
    if (done)
        done = db_->ask("SELECT name, jid FROM guest ORDER BY name, jid", {},
                        [&guests](const auto& columns) { guests.take(columns); });
    if (done)
        done = db_->ask("SELECT name, host FROM host ORDER BY name, host", {},
                        [&hosts](const auto& columns) { hosts.take(columns); });
    auto rules_there = done ? rules() : done.error();
    if (auto ended = db_->run("COMMIT"); done && !ended) done = ended;
    if (!done) return done.error();
    if (!rules_there) return rules_there.error();
    all.rules = *std::move(rules_there);
    return all;
}

result<registry_changes> registry::read_changes(std::int64_t from, std::int64_t to) {
    registry_changes changes;
    changes.revision = to;
    std::vector<std::string> names;
    const auto asked = db_->ask("SELECT DISTINCT name FROM change WHERE number > $1 AND number <= $2 ORDER BY name",
                                {from, to}, [&names](const auto& columns) { names.emplace_back(columns[0]); });
    if (!asked) return asked.error();
    for (auto& name : names) {
        if (name.empty()) {
            auto all = rules();
            if (!all) return all.error();
            changes.rules = *std::move(all);
            continue;
        }
        auto found = find(name);
        if (!found) return found.error();
        if (*found)
            changes.sites.push_back(**std::move(found));
        else
            changes.gone.push_back(std::move(name));
    }
    return changes;
}

}  // namespace crosstalk::gateway
