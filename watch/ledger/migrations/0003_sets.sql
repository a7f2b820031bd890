-- Output sets, from the plan to 1C's answer.
CREATE TABLE sets (
	id        INTEGER PRIMARY KEY,
	stem      TEXT    NOT NULL UNIQUE,
	route     TEXT    NOT NULL,
	account   TEXT    NOT NULL,
	state     TEXT    NOT NULL CHECK (state IN ('planned', 'published', 'taken', 'loaded', 'failed')),
	created   INTEGER NOT NULL,
	published INTEGER NOT NULL DEFAULT 0,
	changed   INTEGER NOT NULL DEFAULT 0,
	text      TEXT    NOT NULL DEFAULT '' -- 1C's words on the whole set
) STRICT;

CREATE INDEX sets_state ON sets (state, published);

CREATE TABLE outputs (
	set_id   INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	name     TEXT    NOT NULL,
	layout   TEXT    NOT NULL,
	sha256   TEXT    NOT NULL,
	size     INTEGER NOT NULL,
	PRIMARY KEY (set_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX outputs_name ON outputs (name);

-- Which revision of which order, from which file, is in which set, and what 1C said of it.
CREATE TABLE members (
	set_id      INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
	order_id    TEXT    NOT NULL,
	scope       TEXT    NOT NULL,
	updated     INTEGER NOT NULL,
	fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16),
	file_id     INTEGER REFERENCES files (id),
	state       TEXT    NOT NULL DEFAULT '' CHECK (state IN ('', 'loaded', 'failed')),
	number_1c   TEXT    NOT NULL DEFAULT '',
	text        TEXT    NOT NULL DEFAULT '',
	PRIMARY KEY (set_id, order_id, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_order ON members (order_id, scope);
CREATE INDEX members_file ON members (file_id);
