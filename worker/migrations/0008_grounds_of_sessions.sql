-- Every session says what it rests on, and carries the user version it was judged under.
-- Of the sessions alive nobody wrote that down: everyone signs in again.

DROP TABLE session;

CREATE TABLE session (
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  id TEXT NOT NULL,
  born_at INTEGER NOT NULL,
  enrolling INTEGER NOT NULL CHECK (enrolling IN (0, 1)),
  surface TEXT,                       -- what the person signed in to
  user_agent TEXT,
  token_hash TEXT NOT NULL,           -- SHA-256; a new one whenever assurance rises
  evidence TEXT NOT NULL CHECK (json_type(evidence) = 'array'),
  grounds TEXT NOT NULL CHECK (json_type(grounds) = 'array'), -- authenticators and words, from the evidence
  trusted_device TEXT,                -- ends with it; NULL once a second factor was shown
  user_version INTEGER NOT NULL,      -- ends with it; a change moves those along that outlive it
  last_used_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (organization, user, id),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Sessions that nothing has ended. Whether their time is over depends on the clock of who asks.
CREATE VIEW live_session AS
SELECT s.* FROM session s
JOIN user u ON (u.organization, u.id) = (s.organization, s.user)
JOIN organization o ON o.id = s.organization
LEFT JOIN trusted_device d ON (d.organization, d.user, d.id) = (s.organization, s.user, s.trusted_device)
WHERE s.ended_at IS NULL AND u.state = 'active' AND s.user_version = u.version
  AND (s.trusted_device IS NULL
    OR d.ended_at IS NULL AND d.user_version = u.version AND d.trust_epoch = o.trust_epoch);

-- Those that add up to aal2: one of their grounds stands that is not the password.
CREATE VIEW aal2_session AS
SELECT s.* FROM live_session s
WHERE NOT s.enrolling AND EXISTS (
  SELECT 1 FROM json_each(s.grounds) ground
  WHERE EXISTS (SELECT 1 FROM authenticator a WHERE (a.organization, a.user, a.id) = (s.organization, s.user, ground.value))
    OR ground.value = 'backup_codes'
      AND EXISTS (SELECT 1 FROM backup_code_set b WHERE (b.organization, b.user) = (s.organization, s.user))
    OR ground.value = 'provider'
      AND EXISTS (SELECT 1 FROM organization o WHERE o.id = s.organization AND o.policy ->> 'sso' = 'evidence'));

INSERT INTO schema_version (version) VALUES (8);
