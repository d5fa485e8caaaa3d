-- What is over of organizations that do not exist is found without reading what is not.
CREATE INDEX event_of_no_organization ON event (at) WHERE organization = '?';

INSERT INTO schema_version (version) VALUES (9);
