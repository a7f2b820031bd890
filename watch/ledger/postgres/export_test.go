package postgres

// Silence stops this process from renewing its place among the nodes.
func (d *Database) Silence() { d.renewer.Close() }
