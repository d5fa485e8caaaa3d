-- A mailed link that ended, by a newer one or otherwise, is marked like one that was used: under the same name, which
-- the batch that uses a link looks for.
CREATE TRIGGER link_spent AFTER UPDATE OF event, ended_at ON link
WHEN OLD.purpose IN ('invitation', 'password') AND OLD.ended_at IS NULL
BEGIN
  INSERT INTO spent_challenge (id, expires_at, tries_left)
  VALUES ('c_' || substr(OLD.event, 3), OLD.expires_at + 60, 0)
  ON CONFLICT DO UPDATE SET tries_left = 0;
END;

INSERT INTO schema_version (version) VALUES (25);
