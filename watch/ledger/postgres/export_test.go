package postgres

// Silence stops a node from renewing its place.
func (d *Database) Silence(*Node) { d.renewer.Close() }
