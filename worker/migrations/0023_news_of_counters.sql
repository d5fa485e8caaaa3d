-- A lock-out and backup codes that run out are told by mail, when the batch that counts finds so.

CREATE TRIGGER lock_begun_is_told AFTER INSERT ON throttle
WHEN NEW.method IN ('totp', 'backup_code') AND NEW.not_before IN (NEW.window_from + 86400, 253402300799)
BEGIN
  INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
  SELECT b.organization, b.user, e.id, 'locked_out', b.address, e.at, e.at
  FROM (SELECT id, at FROM event ORDER BY seq DESC LIMIT 1) e JOIN mailbox b
  WHERE b.organization = NEW.organization AND b.user = NEW.user
  ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER lock_is_told AFTER UPDATE OF not_before ON throttle
WHEN NEW.method IN ('totp', 'backup_code') AND NEW.not_before > OLD.not_before
  AND NEW.not_before IN (NEW.window_from + 86400, 253402300799)
BEGIN
  INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
  SELECT b.organization, b.user, e.id, 'locked_out', b.address, e.at, e.at
  FROM (SELECT id, at FROM event ORDER BY seq DESC LIMIT 1) e JOIN mailbox b
  WHERE b.organization = NEW.organization AND b.user = NEW.user
  ON CONFLICT DO NOTHING;
END;

-- Of ten codes three are left, or none.
CREATE TRIGGER few_codes_are_told AFTER UPDATE OF used ON backup_code_set
WHEN NEW.used > OLD.used AND NEW.used IN (7, 10)
BEGIN
  INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
  SELECT b.organization, b.user, e.id, iif(NEW.used = 10, 'backup_codes_gone', 'backup_codes_low'), b.address, e.at, e.at
  FROM (SELECT id, at FROM event ORDER BY seq DESC LIMIT 1) e JOIN mailbox b
  WHERE b.organization = NEW.organization AND b.user = NEW.user
  ON CONFLICT DO NOTHING;
END;

INSERT INTO schema_version (version) VALUES (23);
