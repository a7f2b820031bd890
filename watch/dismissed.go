package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// dismissed are the orders that people have dealt with.
type dismissed map[ledger.Key]*ledger.Dismissal

func dismissedOf(list []ledger.Dismissal) dismissed {
	all := dismissed{}
	for i := range list {
		all[list[i].Key] = &list[i]
	}
	return all
}

// find looks an order up; a hold of the time when its scope was not known has none.
func (all dismissed) find(key ledger.Key) *ledger.Dismissal {
	if d := all[key]; d != nil {
		return d
	}
	return all[ledger.Key{Order: key.Order}]
}

// dismissedHeader are the columns of the list of dismissed orders: for whoever has no shell, and for a rebuild
// of the ledger, since nothing else records them.
var dismissedHeader = []string{"order", "account", "origin", "code", "total", "currency", "why", "dismissed", "scope", "file"}

// DismissedTable lists dismissed orders.
func DismissedTable(list []ledger.Dismissal) []byte {
	rows := make([][]string, len(list))
	for i := range list {
		d := &list[i]
		rows[i] = []string{d.Order, d.Account, d.Origin, d.Code, d.Total, d.Currency, d.Why, d.At.Format(time.RFC3339), d.Scope, d.SHA256}
	}
	return outbox.Table(dismissedHeader, rows)
}

// listLimit bounds the size of a list in quarantine, in bytes: millions of orders.
const listLimit = 1 << 30

// WriteDismissed replaces the list of dismissed orders of a route if it has changed: a rebuild of the ledger knows of
// dismissals from nothing else, so the command that dismisses writes it at once.
func WriteDismissed(ctx context.Context, disk drop.FS, book *ledger.Ledger, r *inbox.Route) error {
	return WriteDismissedAhead(ctx, disk, book, r, nil, nil)
}

// WriteDismissedAhead writes the list as it will be when a person's decision stands in the ledger, before it does: a
// ledger that is lost in that moment must not take the decision with it. If the decision never comes to stand there,
// the next WriteDismissed sets the list right.
func WriteDismissedAhead(ctx context.Context, disk drop.FS, book *ledger.Ledger, r *inbox.Route, added []ledger.Dismissal, removed []ledger.Key) error {
	list, err := book.Dismissals(ctx, ledger.HoldFilter{Route: r.Name})
	if err != nil {
		return err
	}
	for i := range added {
		if added[i].Route == r.Name {
			list = append(list, added[i])
		}
	}
	list = slices.DeleteFunc(list, func(d ledger.Dismissal) bool { return slices.Contains(removed, d.Key) })
	path := r.DismissedPath()
	if len(list) == 0 {
		return drop.RemoveFile(disk, path)
	}
	text := DismissedTable(list)
	if before, err := drop.ReadFile(disk, path, listLimit); err == nil && bytes.Equal(before, text) {
		return nil
	}
	return drop.ReplaceFile(disk, path, outbox.ListMode, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// readDismissed returns the orders that were dismissed when the ledger was lost.
func (w *Watcher) readDismissed(r *inbox.Route) (list []ledger.Dismissal, err error) {
	text, err := drop.ReadFile(w.fs(), r.DismissedPath(), listLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows := outbox.NewTableReader(text)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil { // to go on would bring an order into 1C that is there already
			return nil, fmt.Errorf("%s: %w", r.DismissedPath(), err)
		}
		if len(row) != len(dismissedHeader) {
			return nil, fmt.Errorf("%s: %d columns instead of %d", r.DismissedPath(), len(row), len(dismissedHeader))
		}
		if row[0] == dismissedHeader[0] {
			continue
		}
		at, err := time.Parse(time.RFC3339, row[7])
		if err != nil { // written by a person: the day matters less than the order
			at = w.Now()
		}
		d := ledger.Dismissal{At: at, Why: row[6], Hold: ledger.Hold{
			Key: ledger.Key{Order: row[0], Scope: row[8]}, Account: row[1], Origin: row[2], Remedy: ledger.Remedy{Code: row[3]}, Total: row[4], Currency: row[5],
			Route: r.Name, SHA256: row[9], Since: at,
		}}
		list = append(list, d)
	}
}

// importDismissed takes the orders that any route's list names into a new ledger.
func (w *Watcher) importDismissed(ctx context.Context) (dismissed, error) {
	var all []ledger.Dismissal
	for i := range w.Routes {
		list, err := w.readDismissed(&w.Routes[i])
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return dismissedOf(all), w.Ledger.ImportDismissals(ctx, all)
}
