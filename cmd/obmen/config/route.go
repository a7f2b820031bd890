package config

import "obmen/watch"

// Routes are the inboxes to watch.
func (c *Config) Routes() []watch.Route {
	f := c.Folders
	return []watch.Route{{
		Name: "main", Inbox: f.Inbox, Outbox: f.Outbox, Archive: f.Archive, Quarantine: f.Quarantine, Ack: f.Ack, Settle: c.Settle,
	}}
}
