-- Whom people ask whom no owner or admin can help: as the organization's pages show it.
ALTER TABLE organization ADD COLUMN support TEXT;

INSERT INTO schema_version (version) VALUES (17);
