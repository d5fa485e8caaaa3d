-- Whom an identity provider answers for, and who got in by a backup code.

-- What the last first factor was: 0 none or a password, 1 an identity provider's word, 2 its word that two
-- factors were shown. The trigger keeps it, so that no statement forgets it.
ALTER TABLE user ADD COLUMN sso INTEGER NOT NULL DEFAULT 0 CHECK (sso IN (0, 1, 2));

UPDATE user SET sso = coalesce((
  SELECT iif(e.method = 'sso', 1 + (instr(coalesce(e.detail, ''), '"mfa"') > 0), 0) FROM event e
  WHERE (e.organization, e.user) = (user.organization, user.id) AND e.action = 'sign_in.first_factor'
    AND e.outcome = 'accepted' ORDER BY e.seq DESC LIMIT 1), 0);

CREATE TRIGGER first_factor_shown AFTER INSERT ON event
WHEN NEW.action = 'sign_in.first_factor' AND NEW.outcome = 'accepted'
BEGIN
  UPDATE user SET sso = iif(NEW.method = 'sso', 1 + coalesce(NEW.detail ->> 'multi_factor', 0), 0)
  WHERE organization = NEW.organization AND id = NEW.user
    AND sso <> iif(NEW.method = 'sso', 1 + coalesce(NEW.detail ->> 'multi_factor', 0), 0);
END;

CREATE INDEX user_by_provider ON user (organization, external_id) WHERE sso > 0;

-- Those who are not asked for a second factor because an identity provider answers for them.
CREATE VIEW exempt_user AS
SELECT u.organization, u.id FROM organization o JOIN user u ON u.organization = o.id
WHERE u.sso > 0 AND o.policy ->> 'mode' <> 'off'
  AND CASE o.policy ->> 'sso' WHEN 'exempt' THEN 1 WHEN 'evidence' THEN u.sso = 2 ELSE 0 END;

CREATE INDEX session_by_backup_code ON session (organization, user)
WHERE ended_at IS NULL AND instr(grounds, 'backup_codes') > 0;

-- Those whose latest second factor was a backup code. Whether their time is over depends on the clock of who
-- asks.
CREATE VIEW restricted_session AS
SELECT s.* FROM live_session s
WHERE instr(s.grounds, 'backup_codes') > 0
  AND EXISTS (SELECT 1 FROM backup_code_set b WHERE (b.organization, b.user) = (s.organization, s.user))
  AND EXISTS (
    SELECT 1 FROM json_each(s.evidence) code
    WHERE code.value ->> 'method' = 'backup_code' AND NOT EXISTS (
      SELECT 1 FROM json_each(s.evidence) later
      JOIN authenticator a ON (a.organization, a.user, a.id) = (s.organization, s.user, later.value ->> 'authenticator')
      WHERE later.key > code.key));

-- Groups as one types.
CREATE INDEX user_group_by_name ON user_group (organization, lower(name), name);

INSERT INTO schema_version (version) VALUES (15);
