package onec

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// messageOrders is about how many orders a numbered message holds at most: what is more waits in the
// ledger until 1C has confirmed these, so that a message fits into memory, here and in 1C.
const messageOrders = 5000

// WriteMessages replaces the message of every exchange if it has something new: a document that is in
// none yet, or a message of 1C whose number it has not been told. It comes after what was converted is
// in the ledger; all that it needs is there, so a program that is killed in between, or half way, writes
// the next message at its next start. What was in a message and is not confirmed is in the next one too.
func (c *Connection) WriteMessages(ctx context.Context) error {
	for _, l := range c.Layouts {
		x := l.Exchange()
		if x == nil {
			continue
		}
		if err := c.writeMessage(ctx, l, x); err != nil {
			return fmt.Errorf("message %s: %w", x.Name(), err)
		}
	}
	return nil
}

func (c *Connection) writeMessage(ctx context.Context, l *layout.Layout, x *layout.Exchange) error {
	c.Monitor.Beat(folder.Place(folder.Outbox, c.Route.Outbox))
	defer c.Registry.Lock(x.Name())() // routes may share the exchange
	if err := c.registerExchange(ctx, x); err != nil {
		return err
	}
	if x.File != "" {
		if err := c.Ledger.DropOld(ctx, x.Name(), c.Now().Add(-x.Keep)); err != nil {
			return err
		}
	}
	if err := c.missFile(ctx, x); err != nil {
		return err
	}
	due, err := c.Ledger.MessageDue(ctx, x.Name())
	if err != nil || !due {
		return err
	}
	limit := messageOrders
	if !x.Numbered { // nobody confirms: what is left out might never be read
		limit = 0
		if err := c.Ledger.ExpireQueued(ctx, x.Name(), c.Now().Add(-x.Keep)); err != nil {
			return err
		}
	}
	m, err := c.Ledger.NextMessage(ctx, x.Name(), limit)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := c.replaceMessage(ctx, l, x.Name(), m); err != nil {
		return err
	}
	return c.Ledger.MessageWritten(ctx, x.Name(), m)
}

// missFile calls for the one file once more where it was taken away: 1C finds no orders at a path where nothing is.
func (c *Connection) missFile(ctx context.Context, x *layout.Exchange) error {
	if x.File == "" {
		return nil
	}
	if _, err := c.FS.Lstat(filepath.Join(c.Route.Outbox, x.Name())); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return c.Ledger.WriteAgain(ctx, x.Name())
}

// registerExchange makes an exchange known to the ledger. A message that is there already is of a ledger before
// this one; 1C passes over numbers that are not higher.
func (c *Connection) registerExchange(ctx context.Context, x *layout.Exchange) error {
	known, err := c.Ledger.ExchangeKnown(ctx, x.Name())
	if err != nil || known {
		return err
	}
	if x.File != "" { // its versions are not counted
		return c.Ledger.KnowExchange(ctx, x.Name(), 0)
	}
	sent := 0
	head, err := readMessage(c.FS, filepath.Join(c.Route.Outbox, x.Name()))
	switch {
	case err == nil:
		sent = head.Number
	case !errors.Is(err, fs.ErrNotExist):
		c.Monitor.Alert(x.Name(), "the message of an earlier obmen cannot be read: "+err.Error(), "if 1C says that a message was received before, raise its number by hand: look at the node in 1C")
	}
	return c.Ledger.KnowExchange(ctx, x.Name(), sent)
}

// replaceMessage replaces the message in the outbox, whole.
func (c *Connection) replaceMessage(ctx context.Context, l *layout.Layout, name string, m *ledger.Message) error {
	b := document.Batch{
		Created: c.Now().UTC(), Documents: make([]document.Document, 0, len(m.Letters)),
		Message: document.Message{Sent: l.Exchange().File == "", Number: m.Number, Received: m.Received},
	}
	for _, letter := range m.Letters {
		d := ledger.UnpackDocument(letter.Document)
		if d == nil { // one order must not keep all others back
			c.Monitor.Alert(name, "order "+letter.Order+" is not in the message: what the ledger noted of it cannot be read", "send it once more: obmen replay "+letter.Order)
			continue
		}
		b.Documents = append(b.Documents, *d)
	}
	dir := drop.Folder{Dir: c.Route.Outbox, FS: c.FS}
	set := dir.Stage()
	defer set.Abort()
	for _, part := range l.Parts() {
		if part.Ext() != filepath.Ext(name) {
			continue
		}
		file, err := set.Create()
		if err != nil {
			return err
		}
		if _, err := part.Write(ctx, file, b); err != nil {
			return err
		}
		if err := set.Replace(ctx, drop.Entry{File: file, Name: name}); err != nil {
			return err
		}
		if c.Route.Verify {
			return dir.Verify(ctx, name, file.SHA256())
		}
	}
	return nil
}
