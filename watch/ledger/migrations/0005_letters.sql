-- Exchanges through messages under one name, of which 1C reads the newest.
CREATE TABLE exchanges (
	name     TEXT    NOT NULL PRIMARY KEY, -- of the message's file
	sent     INTEGER NOT NULL DEFAULT 0,   -- highest number given to a message
	written  INTEGER NOT NULL DEFAULT 0,   -- number of the message that is in the outbox
	received INTEGER NOT NULL DEFAULT 0,   -- number of 1C's last message that was read
	confirmed INTEGER NOT NULL DEFAULT 0,  -- number of ours that it confirmed
	told     INTEGER NOT NULL DEFAULT 0    -- that number as the message in the outbox says it
) STRICT, WITHOUT ROWID;

-- Documents on their way in messages, until 1C confirms the number of one that has them.
CREATE TABLE letters (
	set_id   INTEGER NOT NULL REFERENCES sets (id) ON DELETE CASCADE,
	exchange TEXT    NOT NULL,
	order_id TEXT    NOT NULL,
	scope    TEXT    NOT NULL,
	document BLOB    NOT NULL, -- as JSON
	number   INTEGER NOT NULL, -- -1 its set is only planned, 0 in no message yet, else of the first message with it
	since    INTEGER NOT NULL, -- when it was planned
	PRIMARY KEY (set_id, exchange, order_id, scope)
) STRICT;

CREATE INDEX letters_waiting ON letters (exchange, number);
