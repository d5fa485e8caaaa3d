-- The people that owners and admins look for, found without reading all others.

-- Whether there is a confirmed authenticator. The triggers keep it, so that no statement forgets it.
ALTER TABLE user ADD COLUMN enrolled INTEGER NOT NULL DEFAULT 0 CHECK (enrolled IN (0, 1));

UPDATE user SET enrolled = 1 WHERE EXISTS (
  SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (user.organization, user.id));

CREATE TRIGGER authenticator_added AFTER INSERT ON authenticator
BEGIN
  UPDATE user SET enrolled = 1 WHERE organization = NEW.organization AND id = NEW.user AND NOT enrolled;
END;

CREATE TRIGGER authenticator_removed AFTER DELETE ON authenticator
BEGIN
  UPDATE user SET enrolled = 0 WHERE organization = OLD.organization AND id = OLD.user AND enrolled
    AND NOT EXISTS (SELECT 1 FROM authenticator a WHERE (a.organization, a.user) = (user.organization, user.id));
END;

-- user.groups, by group.
CREATE TABLE user_group (
  organization TEXT NOT NULL,
  name TEXT NOT NULL,
  user TEXT NOT NULL,
  PRIMARY KEY (organization, name, user),
  FOREIGN KEY (organization, user) REFERENCES user (organization, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX user_group_of_user ON user_group (organization, user);

INSERT INTO user_group (organization, name, user)
SELECT DISTINCT u.organization, j.value, u.id FROM user u, json_each(u.groups) j;

CREATE TRIGGER user_added AFTER INSERT ON user
BEGIN
  INSERT INTO user_group (organization, name, user)
  SELECT DISTINCT NEW.organization, value, NEW.id FROM json_each(NEW.groups);
END;

CREATE TRIGGER user_regrouped AFTER UPDATE OF groups ON user WHEN NEW.groups <> OLD.groups
BEGIN
  DELETE FROM user_group WHERE organization = OLD.organization AND user = OLD.id;
  INSERT INTO user_group (organization, name, user)
  SELECT DISTINCT NEW.organization, value, NEW.id FROM json_each(NEW.groups);
END;

CREATE INDEX user_by_enrollment ON user (organization, enrolled, external_id);
CREATE INDEX user_by_name ON user (organization, lower(coalesce(name, username)), external_id);
CREATE INDEX user_by_address ON user (organization, lower(email)) WHERE email IS NOT NULL;
CREATE INDEX user_above_members ON user (organization, role) WHERE role <> 'member';
CREATE INDEX user_disabled ON user (organization) WHERE state = 'disabled';
CREATE INDEX throttle_closed ON throttle (organization, not_before);

INSERT INTO schema_version (version) VALUES (14);
