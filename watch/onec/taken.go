package onec

import (
	"context"
	"fmt"
	"time"

	"obmen/watch/ledger"
)

// noteTakenWhenDue is noteTaken, unless that has taken too much of the time.
func (c *Connection) noteTakenWhenDue(ctx context.Context) error {
	start := time.Now()
	if start.Before(c.look.takenDue) {
		c.look.outbox = time.Time{} // what has changed there is still to be looked at
		return nil
	}
	err := c.noteTaken(ctx)
	c.look.takenDue = start.Add(takenShare * time.Since(start))
	return err
}

// takenShare bounds the time that goes into finding the sets that were taken, where a hundred thousand wait in the
// outbox: when that took a second, it is done again after more than a minute.
const takenShare = 100

// noteTaken notes the sets whose files 1C has taken out of the outbox, and alerts about those that 1C
// neither takes nor answers.
func (c *Connection) noteTaken(ctx context.Context) error {
	sets, err := c.Ledger.Sets(ctx, ledger.SetFilter{Route: c.Route.Name, States: []ledger.SetState{ledger.Published}, NoOrders: true})
	if err != nil {
		return err
	}
	for i := range sets {
		if Visible(c.FS, c.Route.Outbox, &sets[i]) {
			continue
		}
		if err := c.Ledger.Taken(ctx, sets[i].Stem, c.Now()); err != nil {
			return err
		}
	}
	if c.Route.AckWithin <= 0 {
		return nil
	}
	late, err := c.Ledger.Overdue(ctx, c.Route.Name, c.Now().Add(-c.Route.AckWithin), mostOverdue)
	if err != nil {
		return err
	}
	for _, set := range late {
		if !c.overdue[set.Stem] {
			c.overdue[set.Stem] = true
			c.Monitor.Lasting(set.Stem, fmt.Sprintf("1C has not answered %s since %s", set.Stem, set.Published.Format(time.DateTime)), "look at the scheduled job of 1C and at the rights of its account on outbox and ack")
		}
	}
	return nil
}

// mostOverdue is how many sets are told of, one by one, that 1C has not answered.
const mostOverdue = 100

// outboxChanged is when a file came into the outbox or went last, by the disk's clock; zero when that is not known.
func (c *Connection) outboxChanged() (at time.Time) {
	if info, err := c.FS.Lstat(c.Route.Outbox); err == nil {
		at = info.ModTime()
	}
	return at
}
