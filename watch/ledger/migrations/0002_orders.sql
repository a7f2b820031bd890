-- The newest exported revision of every order.
CREATE TABLE orders (
	order_id    TEXT    NOT NULL,
	scope       TEXT    NOT NULL,
	updated     INTEGER NOT NULL,
	fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 16),
	state       TEXT    NOT NULL CHECK (state IN ('exported', 'cancelled')),
	account     TEXT    NOT NULL,
	document    TEXT    NOT NULL,
	facts       BLOB    NOT NULL, -- what the document said; emptied by a purge
	set_stem    TEXT    NOT NULL,
	exported    INTEGER NOT NULL,
	times       INTEGER NOT NULL,
	PRIMARY KEY (order_id, scope)
) STRICT;

CREATE INDEX orders_exported ON orders (exported);

-- Orders that wait.
CREATE TABLE holds (
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
	PRIMARY KEY (order_id, scope)
) STRICT;

CREATE INDEX holds_code ON holds (code);
CREATE INDEX holds_file ON holds (sha256);
