-- Orders that a person has dealt with: they are never exported. Each keeps the hold that it had, which
-- comes back when the dismissal is undone.
CREATE TABLE dismissals (
	order_id    TEXT    NOT NULL,
	scope       TEXT    NOT NULL,
	updated     INTEGER NOT NULL,
	fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16),
	account     TEXT    NOT NULL,
	route       TEXT    NOT NULL,
	sha256      TEXT    NOT NULL,
	origin      TEXT    NOT NULL,
	code        TEXT    NOT NULL,
	sentence    TEXT    NOT NULL,
	cure        TEXT    NOT NULL,
	file        TEXT    NOT NULL,
	added       TEXT    NOT NULL, -- JSON array of lines
	currency    TEXT    NOT NULL,
	total       TEXT    NOT NULL,
	since       INTEGER NOT NULL,
	dismissed   INTEGER NOT NULL,
	why         TEXT    NOT NULL, -- the person's words
	PRIMARY KEY (order_id, scope)
) STRICT;
