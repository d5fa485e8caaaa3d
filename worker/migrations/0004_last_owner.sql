-- An organization that has an owner keeps one who can sign in.

CREATE INDEX active_owner ON user (organization) WHERE role = 'owner' AND state = 'active';

CREATE VIEW last_owner AS
SELECT organization, id FROM user u
WHERE role = 'owner' AND state = 'active' AND NOT EXISTS (
  SELECT 1 FROM user
  WHERE organization = u.organization AND role = 'owner' AND state = 'active' AND id <> u.id);
