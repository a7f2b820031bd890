package onec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"obmen/convert/layout"
	"obmen/watch/drop"
)

// readReplies reads 1C's messages in the outbox, which it writes into the same folder; of several to one
// exchange the newest counts, as with 1C. They stay there: the next one takes their place.
func (c *Connection) readReplies(ctx context.Context) error {
	entries, err := c.FS.ReadDir(c.Route.Outbox)
	if err != nil {
		return err
	}
	type file struct {
		name string
		seen drop.Observation
	}
	newest := map[*layout.Exchange]file{}
	for _, e := range entries {
		x := ExchangeOf(c.Layouts, e.Name())
		if x == nil || !e.Type().IsRegular() {
			continue
		}
		seen, err := c.FS.Observe(filepath.Join(c.Route.Outbox, e.Name()))
		if err == nil && (newest[x].name == "" || seen.Modified > newest[x].seen.Modified) {
			newest[x] = file{e.Name(), seen}
		}
	}
	for x, f := range newest {
		if err := c.readNewReply(ctx, x, f.name, f.seen); err != nil {
			return err
		}
	}
	return nil
}

// readNewReply reads a message of 1C that is new. One that cannot be read is perhaps being written: a second
// look comes before it is reported.
func (c *Connection) readNewReply(ctx context.Context, x *layout.Exchange, name string, seen drop.Observation) error {
	if c.read[name] == seen {
		return nil
	}
	err := c.readReply(ctx, x, filepath.Join(c.Route.Outbox, name))
	switch {
	case err != nil && !errors.Is(err, errNoMessage) && !isDiskError(err):
		return err
	case err != nil && c.unreadable[name] != seen:
		c.unreadable[name] = seen
		return nil
	case isDiskError(err):
		c.Monitor.Alert(name, "a message of 1C that cannot be read: "+err.Error(), "give the account that runs obmen the right to read the files of "+c.Route.Outbox)
	case err != nil:
		c.Monitor.Alert(name, "a message of 1C that cannot be read: "+err.Error(), "look at the settings of the synchronisation in 1C: version of the format, no password on archives")
	}
	c.read[name] = seen
	return nil
}

func isDiskError(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

// readReply takes note of one message of 1C.
func (c *Connection) readReply(ctx context.Context, x *layout.Exchange, path string) error {
	head, err := readMessage(c.FS, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case head.From != x.To || head.To != "" && head.To != x.From:
		return fmt.Errorf("%w: it is from %q to %q, not from %q to %q", errNoMessage, head.From, head.To, x.To, x.From)
	}
	defer c.Registry.Lock(x.Name())()
	if err := c.registerExchange(ctx, x); err != nil || !x.Numbered {
		return err
	}
	confirmed, err := c.Ledger.Confirm(ctx, x.Name(), head.Number, head.Received, c.Now())
	if confirmed.Ahead {
		c.Monitor.Alert(filepath.Base(path), fmt.Sprintf("1C has read message %d, which this ledger never wrote", head.Received), "nothing to do: all that is not confirmed is sent again with higher numbers")
	}
	if confirmed.Behind {
		c.Monitor.Alert(filepath.Base(path), fmt.Sprintf("1C confirmed message %d after having confirmed a higher number: was its database restored from a backup?", head.Received), "send the orders of the days that it has lost once more: obmen replay --from DAY")
	}
	return err
}
