-- Who asked for help, the newest first, without reading what else happened.
CREATE INDEX event_help ON event (organization, at) WHERE action = 'help.request' AND outcome = 'accepted';
CREATE INDEX event_help_of_user ON event (organization, user, at)
  WHERE action = 'help.request' AND outcome = 'accepted';

INSERT INTO schema_version (version) VALUES (24);
