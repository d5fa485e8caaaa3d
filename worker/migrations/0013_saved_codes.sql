-- When the person said that their backup codes are kept somewhere.
ALTER TABLE backup_code_set ADD COLUMN saved_at INTEGER;

INSERT INTO schema_version (version) VALUES (13);
