-- The files that have only a part of an order that is held: the order without its items, some of its
-- items. All of them are read together when one more comes, or when the hold may be cured.
CREATE TABLE parts (
	order_id TEXT NOT NULL,
	scope    TEXT NOT NULL,
	route    TEXT NOT NULL,
	sha256   TEXT NOT NULL,
	name     TEXT NOT NULL,
	PRIMARY KEY (order_id, scope, sha256)
) STRICT, WITHOUT ROWID;

CREATE INDEX parts_file ON parts (sha256);
