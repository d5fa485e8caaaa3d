-- The time steps that were accepted by an instance whose clock was ahead of the database's: each one
-- still counts once when its time comes, and none of them shuts out the ones before it.
ALTER TABLE authenticator ADD COLUMN steps_ahead TEXT NOT NULL DEFAULT '[]';

INSERT INTO schema_version (version) VALUES (13);
