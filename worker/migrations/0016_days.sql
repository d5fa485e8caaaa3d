-- What owners and admins see of their organization at a glance, without counting everyone and everything.

-- Which kinds of authenticator there are: 1 an app, 2 a passkey, 3 both. As enrolled, triggers keep it.
ALTER TABLE user ADD COLUMN factors INTEGER NOT NULL DEFAULT 0 CHECK (factors BETWEEN 0 AND 3);

UPDATE user SET factors = 1 * EXISTS (
    SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (user.organization, user.id) AND a.kind = 'totp')
  + 2 * EXISTS (
    SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (user.organization, user.id) AND a.kind = 'passkey');

DROP TRIGGER authenticator_added;
CREATE TRIGGER authenticator_added AFTER INSERT ON authenticator
BEGIN
  UPDATE user SET enrolled = 1, factors = factors | iif(NEW.kind = 'totp', 1, 2)
  WHERE organization = NEW.organization AND id = NEW.user AND factors & iif(NEW.kind = 'totp', 1, 2) = 0;
END;

DROP TRIGGER authenticator_removed;
CREATE TRIGGER authenticator_removed AFTER DELETE ON authenticator
WHEN NOT EXISTS (
  SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (OLD.organization, OLD.user) AND a.kind = OLD.kind)
BEGIN
  UPDATE user SET enrolled = factors & iif(OLD.kind = 'totp', 2, 1) > 0, factors = factors & iif(OLD.kind = 'totp', 2, 1)
  WHERE organization = OLD.organization AND id = OLD.user;
END;

-- What a day (UTC) brought. The triggers below keep it; the day is that of the newest event, which is the
-- one of the batch that makes the change.
CREATE TABLE organization_day (
  organization TEXT NOT NULL,         -- or '?', as events have it
  day INTEGER NOT NULL,               -- since 1970
  -- How many more people than the day before, fewer where negative: all, and those with these authenticators.
  people INTEGER NOT NULL DEFAULT 0,
  totp INTEGER NOT NULL DEFAULT 0,
  passkey INTEGER NOT NULL DEFAULT 0,
  both INTEGER NOT NULL DEFAULT 0,
  -- Proofs refused, methods closed for the rest of their day or for good, trusted devices refused.
  wrong INTEGER NOT NULL DEFAULT 0,
  locks INTEGER NOT NULL DEFAULT 0,
  refused_devices INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization, day)
) STRICT, WITHOUT ROWID;

CREATE VIEW today AS SELECT coalesce((SELECT at FROM event ORDER BY seq DESC LIMIT 1), unixepoch()) / 86400 AS day;

CREATE TRIGGER user_counted AFTER INSERT ON user
BEGIN
  INSERT INTO organization_day (organization, day, people) SELECT NEW.organization, day, 1 FROM today WHERE true
  ON CONFLICT DO UPDATE SET people = people + 1;
END;

CREATE TRIGGER user_discounted AFTER DELETE ON user
BEGIN
  INSERT INTO organization_day (organization, day, people, totp, passkey, both)
  SELECT OLD.organization, day, -1, -(OLD.factors = 1), -(OLD.factors = 2), -(OLD.factors = 3) FROM today WHERE true
  ON CONFLICT DO UPDATE SET people = people + excluded.people, totp = totp + excluded.totp,
    passkey = passkey + excluded.passkey, both = both + excluded.both;
END;

CREATE TRIGGER user_enrolled AFTER UPDATE OF factors ON user WHEN NEW.factors <> OLD.factors
BEGIN
  INSERT INTO organization_day (organization, day, totp, passkey, both)
  SELECT NEW.organization, day, (NEW.factors = 1) - (OLD.factors = 1), (NEW.factors = 2) - (OLD.factors = 2),
    (NEW.factors = 3) - (OLD.factors = 3) FROM today WHERE true
  ON CONFLICT DO UPDATE SET totp = totp + excluded.totp, passkey = passkey + excluded.passkey, both = both + excluded.both;
END;

CREATE TRIGGER event_counted AFTER INSERT ON event
WHEN NEW.outcome IN ('wrong', 'replayed', 'used', 'count_regressed') OR NEW.trust IN ('ended', 'reused')
BEGIN
  INSERT INTO organization_day (organization, day, wrong, refused_devices)
  SELECT NEW.organization, NEW.at / 86400, NEW.outcome IN ('wrong', 'replayed', 'used', 'count_regressed'),
    coalesce(NEW.trust IN ('ended', 'reused'), 0) WHERE true
  ON CONFLICT DO UPDATE SET wrong = wrong + excluded.wrong, refused_devices = refused_devices + excluded.refused_devices;
END;

-- A method that is closed until the end of its window, or until another factor or an unlock opens it.
CREATE TRIGGER throttle_begun AFTER INSERT ON throttle
WHEN NEW.not_before IN (NEW.window_from + 86400, 253402300799)
BEGIN
  INSERT INTO organization_day (organization, day, locks) SELECT NEW.organization, day, 1 FROM today WHERE true
  ON CONFLICT DO UPDATE SET locks = locks + 1;
END;

CREATE TRIGGER throttle_counted AFTER UPDATE OF not_before ON throttle
WHEN NEW.not_before > OLD.not_before AND NEW.not_before IN (NEW.window_from + 86400, 253402300799)
BEGIN
  INSERT INTO organization_day (organization, day, locks) SELECT NEW.organization, day, 1 FROM today WHERE true
  ON CONFLICT DO UPDATE SET locks = locks + 1;
END;

-- Of what was before, only the days of people's making, of authenticators and of refusals are known.
INSERT INTO organization_day (organization, day, people)
SELECT organization, created_at / 86400, count(*) FROM user GROUP BY 1, 2;

INSERT INTO organization_day (organization, day, totp, passkey, both)
SELECT u.organization, max(coalesce((
    SELECT min(a.created_at) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)), 0), u.created_at) / 86400,
  sum(u.factors = 1), sum(u.factors = 2), sum(u.factors = 3)
FROM user u WHERE u.factors > 0 GROUP BY 1, 2
ON CONFLICT DO UPDATE SET totp = excluded.totp, passkey = excluded.passkey, both = excluded.both;

INSERT INTO organization_day (organization, day, wrong, refused_devices)
SELECT organization, at / 86400, sum(outcome IN ('wrong', 'replayed', 'used', 'count_regressed')),
  sum(coalesce(trust IN ('ended', 'reused'), 0))
FROM event
WHERE outcome IN ('wrong', 'replayed', 'used', 'count_regressed') OR trust IN ('ended', 'reused') GROUP BY 1, 2
ON CONFLICT DO UPDATE SET wrong = excluded.wrong, refused_devices = excluded.refused_devices;

-- How many codes of a set were used.
ALTER TABLE backup_code_set ADD COLUMN used INTEGER NOT NULL DEFAULT 0;

UPDATE backup_code_set SET used = (
  SELECT count(*) FROM backup_code c
  WHERE (c.organization, c.user) = (backup_code_set.organization, backup_code_set.user) AND c.used_at IS NOT NULL);

CREATE TRIGGER backup_code_used AFTER UPDATE OF used_at ON backup_code WHEN OLD.used_at IS NULL AND NEW.used_at IS NOT NULL
BEGIN
  UPDATE backup_code_set SET used = used + 1 WHERE (organization, user) = (NEW.organization, NEW.user);
END;

-- A trusted device lives no longer than the user version of its birth: one that is over says so.
UPDATE trusted_device SET ended_at = rotated_at
WHERE ended_at IS NULL AND user_version <> (
  SELECT version FROM user u WHERE (u.organization, u.id) = (trusted_device.organization, trusted_device.user));

CREATE TRIGGER user_moved AFTER UPDATE OF version ON user WHEN NEW.version <> OLD.version
BEGIN
  UPDATE trusted_device SET ended_at = coalesce((SELECT at FROM event ORDER BY seq DESC LIMIT 1), unixepoch())
  WHERE organization = NEW.organization AND user = NEW.id AND ended_at IS NULL AND user_version <> NEW.version;
END;

CREATE INDEX user_due ON user (organization, external_id, role, sso) WHERE enrolled = 0 AND state = 'active';
CREATE INDEX backup_codes_low ON backup_code_set (organization, used) WHERE used >= 7;
CREATE INDEX trusted_device_alive ON trusted_device (organization, user, trust_epoch, expires_at) WHERE ended_at IS NULL;
CREATE INDEX throttle_busiest ON throttle (organization, in_window, user) WHERE in_window > 0;
CREATE INDEX event_refused ON event (organization, user, at)
WHERE outcome IN ('wrong', 'replayed', 'used', 'count_regressed');

INSERT INTO schema_version (version) VALUES (16);
