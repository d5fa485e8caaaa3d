-- Checkpoints of an organization by their age, and those up to which its events are deleted.
CREATE INDEX checkpoint_by_age ON checkpoint (organization, at, size) WHERE leaves IS NOT NULL;
CREATE INDEX checkpoint_first ON checkpoint (organization, size) WHERE leaves IS NULL;

INSERT INTO schema_version (version) VALUES (28);
