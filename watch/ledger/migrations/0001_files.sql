-- Files by content: the same bytes under another name are the same file. Times are UTC in Unix
-- milliseconds, 0 = not known; hashes are lower-case hex.
CREATE TABLE files (
	id       INTEGER PRIMARY KEY,
	route    TEXT    NOT NULL,
	sha256   TEXT    NOT NULL,
	name     TEXT    NOT NULL, -- the first name they came with
	size     INTEGER NOT NULL,
	seen     INTEGER NOT NULL,
	state    TEXT    NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
	running  INTEGER NOT NULL DEFAULT 0, -- the last attempt has not ended
	attempts INTEGER NOT NULL DEFAULT 0, -- all that ever began; the number of the last one
	crashes  INTEGER NOT NULL DEFAULT 0, -- attempts that never ended, since the last finish
	outcome  TEXT    NOT NULL DEFAULT '',
	reason   TEXT    NOT NULL DEFAULT '',
	exported INTEGER NOT NULL DEFAULT 0,
	held     INTEGER NOT NULL DEFAULT 0,
	known    INTEGER NOT NULL DEFAULT 0,
	older    INTEGER NOT NULL DEFAULT 0,
	skipped  INTEGER NOT NULL DEFAULT 0,
	ended    INTEGER NOT NULL DEFAULT 0,
	UNIQUE (route, sha256)
) STRICT;

CREATE INDEX files_running ON files (id) WHERE running = 1;
CREATE INDEX files_ended ON files (ended);
