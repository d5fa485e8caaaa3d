-- Mail is delivered: to each address of a person, more than once where that fails, given up in the end.

-- Notices go there too.
ALTER TABLE user ADD COLUMN second_email TEXT;
-- The language of mail; NULL for that of the organization.
ALTER TABLE user ADD COLUMN language TEXT CHECK (language IN ('en', 'de'));
ALTER TABLE organization ADD COLUMN language TEXT NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'de'));

-- Where mail to a person goes.
CREATE VIEW mailbox AS
SELECT organization, id AS user, email AS address FROM user WHERE email IS NOT NULL
UNION ALL
SELECT organization, id, second_email FROM user WHERE second_email IS NOT NULL AND second_email IS NOT email;

-- What waited was written before anything could send it. It is not sent now: it is no news any more.
DROP TABLE mail;
CREATE TABLE mail (
  seq INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  user TEXT NOT NULL,
  event TEXT NOT NULL,                -- what it tells of
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  place TEXT,                         -- where the request came from, as Cloudflare says
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,            -- not tried before
  tries INTEGER NOT NULL DEFAULT 0,
  claim TEXT,                         -- of the job that is trying, until due_at
  sent_at INTEGER,
  failed_at INTEGER,                  -- given up
  error TEXT,                         -- of the last try
  UNIQUE (organization, user, kind, event, address),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT;

CREATE INDEX mail_due ON mail (due_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX mail_claimed ON mail (claim) WHERE claim IS NOT NULL;
CREATE INDEX mail_failed ON mail (organization, failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX mail_sent ON mail (sent_at) WHERE sent_at IS NOT NULL;

INSERT INTO schema_version (version) VALUES (18);
