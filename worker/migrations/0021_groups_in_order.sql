-- The people of a group in the order of a list, so that a page of them reads no others.
ALTER TABLE user_group ADD COLUMN external_id TEXT NOT NULL DEFAULT ''; -- the user's, which never changes
ALTER TABLE user_group ADD COLUMN shown TEXT NOT NULL DEFAULT '';       -- as user_by_name has it

UPDATE user_group SET external_id = u.external_id, shown = lower(coalesce(u.name, u.username))
FROM user u WHERE (u.organization, u.id) = (user_group.organization, user_group.user);

CREATE INDEX user_group_in_order ON user_group (organization, name, external_id, user);
CREATE INDEX user_group_in_order_of_name ON user_group (organization, name, shown, external_id, user);

DROP TRIGGER user_added;
CREATE TRIGGER user_added AFTER INSERT ON user
BEGIN
  INSERT INTO user_group (organization, name, user, external_id, shown)
  SELECT DISTINCT NEW.organization, value, NEW.id, NEW.external_id, lower(coalesce(NEW.name, NEW.username))
  FROM json_each(NEW.groups);
END;

DROP TRIGGER user_regrouped;
CREATE TRIGGER user_regrouped AFTER UPDATE OF groups ON user WHEN NEW.groups <> OLD.groups
BEGIN
  DELETE FROM user_group WHERE organization = OLD.organization AND user = OLD.id;
  INSERT INTO user_group (organization, name, user, external_id, shown)
  SELECT DISTINCT NEW.organization, value, NEW.id, NEW.external_id, lower(coalesce(NEW.name, NEW.username))
  FROM json_each(NEW.groups);
END;

CREATE TRIGGER user_renamed AFTER UPDATE OF name, username ON user
WHEN coalesce(NEW.name, NEW.username) <> coalesce(OLD.name, OLD.username)
BEGIN
  UPDATE user_group SET shown = lower(coalesce(NEW.name, NEW.username))
  WHERE organization = NEW.organization AND user = NEW.id;
END;

-- Whom a provider that shows two factors answers for, counted without reading each of them.
CREATE INDEX user_by_proof_of_provider ON user (organization, sso) WHERE sso > 0;

INSERT INTO schema_version (version) VALUES (21);
