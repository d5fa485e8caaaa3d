-- Links that were mailed. What is in them is sealed in their token; here is what they rest on. A newer link of
-- a purpose takes the place of the one before.

CREATE TABLE link (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('invitation', 'password', 'reset')),
  event TEXT NOT NULL,                -- that it was mailed with
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  user_version INTEGER NOT NULL,      -- a reset ends with it
  ended_at INTEGER,                   -- used, or taken back
  PRIMARY KEY (organization, user, purpose),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The event of the reset that the session was opened by: it may replace all factors, and nothing else.
ALTER TABLE session ADD COLUMN reset TEXT;

-- Such a session ends with its link.
CREATE TRIGGER link_ended AFTER UPDATE OF event, ended_at ON link WHEN OLD.purpose = 'reset'
BEGIN
  UPDATE session SET ended_at = coalesce(NEW.ended_at, NEW.created_at)
  WHERE organization = OLD.organization AND user = OLD.user AND reset = OLD.event AND ended_at IS NULL;
END;

INSERT INTO schema_version (version) VALUES (22);
