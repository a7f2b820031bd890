// Package postgres keeps a ledger on a PostgreSQL server, where nodes on several machines can work with it.
//
// Its connections understand the SQL of package ledger, which is SQLite's: placeholders and a few words are put in
// PostgreSQL's way, and the schema has functions under the names that SQLite gives its own. So the ledger has each
// statement once, and its tests run on both.
//
// Writes of all processes take turns, as SQLite's do: each transaction locks the one row of the table turn first.
// That row has the epoch, too, which grows when another node takes the lead: a transaction of a node whose epoch is
// old is refused there, and changes nothing.
package postgres
