-- That a first owner was set up with the operator's code, which is done once in the life of a deployment.

CREATE TABLE set_up (
  one INTEGER PRIMARY KEY CHECK (one = 1), -- at most one row
  at INTEGER NOT NULL,
  organization TEXT NOT NULL          -- the one that was made
) STRICT;

CREATE TRIGGER set_up_is_kept BEFORE DELETE ON set_up
BEGIN SELECT RAISE(ABORT, 'set-up is done once'); END;

INSERT INTO schema_version (version) VALUES (20);
