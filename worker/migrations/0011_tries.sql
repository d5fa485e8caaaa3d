-- An enrollment takes a few wrong answers and then ends, and is not begun again and again.

-- How many answers are left of a challenge or enrollment that takes only so many; 0: it is spent.
ALTER TABLE spent_challenge ADD COLUMN tries_left INTEGER NOT NULL DEFAULT 0;

-- How often somebody began since then.
ALTER TABLE enrollment ADD COLUMN counted_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE enrollment ADD COLUMN starts INTEGER NOT NULL DEFAULT 1 CONSTRAINT too_often CHECK (starts <= 10);

INSERT INTO schema_version (version) VALUES (11);
