-- Which migrations were applied, for the Worker: it serves nothing while one that it knows is missing.
-- Every migration from here on ends with a row of its own.

CREATE TABLE schema_version (
  version INTEGER PRIMARY KEY         -- the number of the migration
) STRICT;

INSERT INTO schema_version (version) VALUES (1), (2), (3), (4), (5);
