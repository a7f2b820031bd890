package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// messageOrders is about how many orders a numbered message holds at most: what is more waits in the
// ledger until 1C has confirmed these, so that a message fits into memory, here and in 1C.
const messageOrders = 5000

// messages writes the message of every exchange anew if there is something to say: a document that is in
// none yet, or a message of 1C whose number it has not been told. It comes after what was converted is
// in the ledger; all that it needs is there, so a program that is killed in between, or half way, writes
// the next message at its next start. What was in a message and is not confirmed is in the next one too.
func (k *worker) messages(ctx context.Context) error {
	for _, l := range k.writer.Layouts {
		x := l.Exchange()
		if x == nil {
			continue
		}
		if err := k.message(ctx, l, x); err != nil {
			return fmt.Errorf("message %s: %w", x.Name(), err)
		}
	}
	return nil
}

func (k *worker) message(ctx context.Context, l *layout.Layout, x *layout.Exchange) error {
	k.pulse.beat(k.place("outbox", k.r.Outbox))
	defer k.w.lock(x.Name())() // routes may share the exchange
	if err := k.introduce(ctx, x); err != nil {
		return err
	}
	due, err := k.w.Ledger.MessageDue(ctx, x.Name())
	if err != nil || !due {
		return err
	}
	limit := messageOrders
	if !x.Numbered { // nobody confirms: what is left out might never be read
		limit = 0
		if err := k.w.Ledger.ExpireLetters(ctx, x.Name(), k.w.Now().Add(-x.Keep)); err != nil {
			return err
		}
	}
	m, err := k.w.Ledger.NextMessage(ctx, x.Name(), limit)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := k.write(ctx, l, x.Name(), m); err != nil {
		return err
	}
	return k.w.Ledger.MessageWritten(ctx, x.Name(), m)
}

// introduce makes an exchange known to the ledger. A message that is there already is of a ledger before
// this one; 1C passes over numbers that are not higher.
func (k *worker) introduce(ctx context.Context, x *layout.Exchange) error {
	known, err := k.w.Ledger.ExchangeKnown(ctx, x.Name())
	if err != nil || known {
		return err
	}
	sent := 0
	head, err := k.w.readMessage(filepath.Join(k.r.Outbox, x.Name()))
	switch {
	case err == nil:
		sent = head.Number
	case !errors.Is(err, fs.ErrNotExist):
		k.tell(Event{Kind: Alert, File: x.Name(), Text: "the message of an earlier obmen cannot be read: " + err.Error(), Hint: "if 1C says that a message was received before, raise its number by hand: look at the node in 1C"})
	}
	return k.w.Ledger.KnowExchange(ctx, x.Name(), sent)
}

// write replaces the message in the outbox, whole.
func (k *worker) write(ctx context.Context, l *layout.Layout, name string, m *ledger.Message) error {
	b := document.Batch{
		Created: k.w.Now().UTC(), Documents: make([]document.Document, 0, len(m.Letters)),
		Message: document.Message{Sent: true, Number: m.Number, Received: m.Received},
	}
	for _, letter := range m.Letters {
		d := Document(letter.Document)
		if d == nil { // one order must not keep all others back
			k.tell(Event{Kind: Alert, File: name, Text: "order " + letter.Order + " is not in the message: what the ledger noted of it cannot be read", Hint: "send it once more: obmen replay " + letter.Order})
			continue
		}
		b.Documents = append(b.Documents, *d)
	}
	set := k.writer.Folder.Stage()
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
		if k.writer.Verify {
			return k.writer.Folder.Verify(ctx, name, file.SHA256())
		}
	}
	return nil
}

// replies reads 1C's messages in the outbox, which it writes into the same folder; of several to one
// exchange the newest counts, as with 1C. They stay there: the next one takes their place.
func (k *worker) replies(ctx context.Context) error {
	entries, err := k.w.fs().ReadDir(k.r.Outbox)
	if err != nil {
		return err
	}
	type file struct {
		name string
		seen drop.Observation
	}
	newest := map[*layout.Exchange]file{}
	for _, e := range entries {
		x := k.w.exchangeOf(e.Name())
		if x == nil || !e.Type().IsRegular() {
			continue
		}
		seen, err := k.w.fs().Observe(filepath.Join(k.r.Outbox, e.Name()))
		if err == nil && (newest[x].name == "" || seen.Modified > newest[x].seen.Modified) {
			newest[x] = file{e.Name(), seen}
		}
	}
	for x, f := range newest {
		if err := k.hear(ctx, x, f.name, f.seen); err != nil {
			return err
		}
	}
	return nil
}

// hear reads a message of 1C that is new. One that cannot be read is perhaps being written: a second
// look comes before anybody is told.
func (k *worker) hear(ctx context.Context, x *layout.Exchange, name string, seen drop.Observation) error {
	if k.read[name] == seen {
		return nil
	}
	err := k.reply(ctx, x, filepath.Join(k.r.Outbox, name))
	switch {
	case err != nil && !errors.Is(err, errNoMessage):
		return err
	case err != nil && k.unread[name] != seen:
		k.unread[name] = seen
		return nil
	case err != nil:
		k.tell(Event{Kind: Alert, File: name, Text: "a message of 1C that cannot be read: " + err.Error(), Hint: "look at the settings of the synchronisation in 1C: version of the format, no password on archives"})
	}
	k.read[name] = seen
	return nil
}

// exchangeOf is the exchange to which 1C's message of that name belongs; nil for any other name.
func (w *Watcher) exchangeOf(name string) *layout.Exchange {
	for _, l := range w.Layouts {
		if x := l.Exchange(); x != nil && x.Answer(name) {
			return x
		}
	}
	return nil
}

// isMessage says whether a file of the outbox is a message, ours or 1C's: those stay there for ever.
func (w *Watcher) isMessage(name string) bool {
	for _, l := range w.Layouts {
		if x := l.Exchange(); x != nil && (name == x.Name() || x.Answer(name)) {
			return true
		}
	}
	return false
}

// reply takes note of one message of 1C.
func (k *worker) reply(ctx context.Context, x *layout.Exchange, path string) error {
	head, err := k.w.readMessage(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case head.From != x.To || head.To != "" && head.To != x.From:
		return fmt.Errorf("%w: it is from %q to %q, not from %q to %q", errNoMessage, head.From, head.To, x.To, x.From)
	}
	defer k.w.lock(x.Name())()
	if err := k.introduce(ctx, x); err != nil || !x.Numbered {
		return err
	}
	c, err := k.w.Ledger.Confirm(ctx, x.Name(), head.Number, head.Received, k.w.Now())
	if c.Ahead {
		k.tell(Event{Kind: Alert, File: filepath.Base(path), Text: fmt.Sprintf("1C has read message %d, which this ledger never wrote", head.Received), Hint: "nothing to do: all that is not confirmed is sent again with higher numbers"})
	}
	if c.Behind {
		k.tell(Event{Kind: Alert, File: filepath.Base(path), Text: fmt.Sprintf("1C says that it has read message %d, and had said more before: was its base restored from a backup?", head.Received), Hint: "send the orders of the days that it has lost once more: obmen replay --from DAY"})
	}
	return err
}
