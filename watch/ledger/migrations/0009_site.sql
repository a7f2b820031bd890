-- Documents that 1C fetches itself wait as letters of an exchange "site/ACCOUNT": number 0 waits to be
-- fetched, -2 was refused by 1C. A batch that 1C does not confirm is halved until the culprit is alone.
ALTER TABLE letters ADD COLUMN most INTEGER NOT NULL DEFAULT 0; -- documents to offer together; 0 is no limit
ALTER TABLE letters ADD COLUMN tries INTEGER NOT NULL DEFAULT 0; -- times not confirmed with this limit

DROP INDEX letters_waiting;
CREATE INDEX letters_waiting ON letters (exchange, number, most, set_id, order_id, scope);
CREATE INDEX letters_order ON letters (order_id, scope, exchange, set_id);

-- The orders that were offered to 1C on a site, by the number under which 1C finds them.
CREATE TABLE site_orders (
	number    TEXT    NOT NULL PRIMARY KEY,
	exchange  TEXT    NOT NULL,
	order_id  TEXT    NOT NULL,
	scope     TEXT    NOT NULL,
	delivered INTEGER NOT NULL DEFAULT 0, -- when 1C confirmed the newest revision that it has
	answered  INTEGER NOT NULL DEFAULT 0, -- when 1C's answer came last
	answer    TEXT    NOT NULL DEFAULT '', -- what it was, as JSON; no buyer's data
	UNIQUE (exchange, order_id, scope)
) STRICT;
