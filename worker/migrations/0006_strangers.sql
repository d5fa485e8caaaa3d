-- Names of organizations and users that do not exist are counted, and swept, like those that do.

-- What has nothing more to say is found without reading the rest.
CREATE INDEX throttle_by_window ON throttle (window_from);

-- throttle.lane is now a trusted device, a known browser, 'session', a network, 'known' for all
-- browsers that are known, or '' for all others. throttle.user is a user, or '?' and a keyed hash
-- of a name that no user has; throttle.organization is '?' where there is no such organization.

-- What was tried in organizations that do not exist belongs to no audit trail and ends with the day.
DROP TRIGGER event_is_kept;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event WHEN OLD.organization <> '?'
BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

INSERT INTO schema_version (version) VALUES (6);
