-- Mail of one organization that has not left, the newest first, without reading that of others.
CREATE INDEX mail_unsent ON mail (organization) WHERE sent_at IS NULL;

INSERT INTO schema_version (version) VALUES (27);
