-- Who did what by hand, for whoever asks later.
CREATE TABLE trail (
	id    INTEGER PRIMARY KEY,
	at    INTEGER NOT NULL,
	who   TEXT    NOT NULL, -- empty: the command line
	what  TEXT    NOT NULL, -- the operation
	about TEXT    NOT NULL  -- orders, files, lines; no buyer's data
) STRICT;
