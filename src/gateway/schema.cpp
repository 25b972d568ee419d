// The tables.
//
//   site        a name, its owner, and what holds for it
//   guest       who else may see a site
//   host        names of its own that a site has beside the gateway's
//   rule        what the operator says of a JID, a domain, or "*"
//   secret      random texts that have to be the same after a restart
//   ended       visitors' sessions that were ended before they expired
//   revision    one number, which grows with each change of the first four
//   change      which site that was, by that number
#include "gateway/schema.hpp"

namespace crosstalk::gateway {

namespace {

constexpr const char* sqlite_1 = R"sql(
CREATE TABLE IF NOT EXISTS site (
  name TEXT PRIMARY KEY NOT NULL,
  owner TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS site_by_owner ON site (owner);
)sql";

constexpr const char* sqlite_2 = R"sql(
ALTER TABLE site ADD COLUMN seen_by TEXT NOT NULL DEFAULT 'public';
ALTER TABLE site ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
CREATE TABLE guest (
  name TEXT NOT NULL REFERENCES site (name) ON DELETE CASCADE,
  jid TEXT NOT NULL,
  PRIMARY KEY (name, jid)
) STRICT, WITHOUT ROWID;
CREATE TABLE host (
  host TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL REFERENCES site (name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX host_by_name ON host (name);
CREATE TABLE rule (
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (subject, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ended (id TEXT PRIMARY KEY NOT NULL, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE revision (number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1);
CREATE TABLE change (number INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL) STRICT;

CREATE VIEW changed AS SELECT '' AS name;
CREATE TRIGGER changed_note INSTEAD OF INSERT ON changed BEGIN
  UPDATE revision SET number = number + 1;
  INSERT INTO change SELECT number, NEW.name FROM revision;
  DELETE FROM change WHERE number <= (SELECT number FROM revision) - 10000;
END;
CREATE TRIGGER site_added AFTER INSERT ON site BEGIN INSERT INTO changed VALUES (NEW.name); END;
CREATE TRIGGER site_edited AFTER UPDATE ON site BEGIN INSERT INTO changed VALUES (NEW.name); END;
CREATE TRIGGER site_gone AFTER DELETE ON site BEGIN INSERT INTO changed VALUES (OLD.name); END;
CREATE TRIGGER guest_added AFTER INSERT ON guest BEGIN INSERT INTO changed VALUES (NEW.name); END;
CREATE TRIGGER guest_gone AFTER DELETE ON guest BEGIN INSERT INTO changed VALUES (OLD.name); END;
CREATE TRIGGER host_added AFTER INSERT ON host BEGIN INSERT INTO changed VALUES (NEW.name); END;
CREATE TRIGGER host_edited AFTER UPDATE ON host BEGIN
  INSERT INTO changed VALUES (OLD.name);
  INSERT INTO changed VALUES (NEW.name);
END;
CREATE TRIGGER host_gone AFTER DELETE ON host BEGIN INSERT INTO changed VALUES (OLD.name); END;
CREATE TRIGGER rule_added AFTER INSERT ON rule BEGIN INSERT INTO changed VALUES (''); END;
CREATE TRIGGER rule_edited AFTER UPDATE ON rule BEGIN INSERT INTO changed VALUES (''); END;
CREATE TRIGGER rule_gone AFTER DELETE ON rule BEGIN INSERT INTO changed VALUES (''); END;
)sql";

constexpr const char* postgresql_1 = R"sql(
CREATE TABLE site (
  name TEXT COLLATE "C" PRIMARY KEY,
  owner TEXT COLLATE "C" NOT NULL,
  created BIGINT NOT NULL
);
CREATE INDEX site_by_owner ON site (owner);
)sql";

constexpr const char* postgresql_2 = R"sql(
ALTER TABLE site ADD COLUMN seen_by TEXT NOT NULL DEFAULT 'public';
ALTER TABLE site ADD COLUMN suspended BIGINT NOT NULL DEFAULT 0;
CREATE TABLE guest (
  name TEXT COLLATE "C" NOT NULL REFERENCES site (name) ON DELETE CASCADE,
  jid TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (name, jid)
);
CREATE TABLE host (
  host TEXT COLLATE "C" PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL REFERENCES site (name) ON DELETE CASCADE
);
CREATE INDEX host_by_name ON host (name);
CREATE TABLE rule (
  subject TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (subject, key)
);
CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE ended (id TEXT PRIMARY KEY, expires BIGINT NOT NULL);
CREATE TABLE revision (number BIGINT NOT NULL);
INSERT INTO revision VALUES (1);
CREATE TABLE change (number BIGINT PRIMARY KEY, name TEXT NOT NULL);

CREATE FUNCTION note_change(changed TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
  latest BIGINT;
BEGIN
  -- The row stays locked until the end of the transaction: who comes next gets the next number after it.
  UPDATE revision SET number = number + 1 RETURNING number INTO latest;
  INSERT INTO change VALUES (latest, changed);
  DELETE FROM change WHERE number <= latest - 10000;
END $$;
CREATE FUNCTION note_row() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM note_change(OLD.name); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM note_change(NEW.name); END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION note_rule() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_change('');
  RETURN NULL;
END $$;
CREATE TRIGGER site_changed AFTER INSERT OR UPDATE OR DELETE ON site FOR EACH ROW EXECUTE FUNCTION note_row();
CREATE TRIGGER guest_changed AFTER INSERT OR UPDATE OR DELETE ON guest FOR EACH ROW EXECUTE FUNCTION note_row();
CREATE TRIGGER host_changed AFTER INSERT OR UPDATE OR DELETE ON host FOR EACH ROW EXECUTE FUNCTION note_row();
CREATE TRIGGER rule_changed AFTER INSERT OR UPDATE OR DELETE ON rule FOR EACH ROW EXECUTE FUNCTION note_rule();
)sql";

}  // namespace

const std::array<schema_step, schema_version> schema_steps{{{sqlite_1, postgresql_1}, {sqlite_2, postgresql_2}}};

}  // namespace crosstalk::gateway
