package watch

import (
	"context"
	"path/filepath"

	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// readKept takes in the kept copies of files that the archive has no more and that have orders which were held: a
// copy stays for as long as an order of it waits. Its route is recorded beside it where there are several. A copy
// without such an order proves nothing, its file may never have been done.
func (m *memory) readKept(ctx context.Context) error {
	if len(m.missing()) == 0 {
		return nil
	}
	copies, err := m.watcher.Store().Copies()
	if err != nil {
		return err
	}
	for _, c := range copies {
		if m.archived[c.SHA256] {
			continue
		}
		missing := m.missing()
		if len(missing) == 0 {
			return nil
		}
		if err := m.readCopy(ctx, c, missing); err != nil {
			return err
		}
	}
	return nil
}

// readCopy takes in a kept copy for each route that it came through. Where that is not recorded, its orders are held.
func (m *memory) readCopy(ctx context.Context, c store.Copy, missing missingOrders) error {
	origins, err := m.watcher.Store().Origins(c.SHA256)
	if err != nil {
		return err
	}
	first := &m.watcher.Routes[0]
	for _, o := range origins {
		b := m.rebuilder(o, first)
		if _, err := b.takeCopy(ctx, c, missing, b.takeRead); err != nil {
			return err
		}
	}
	if len(origins) > 0 {
		return nil
	}
	for i := range m.watcher.Routes {
		r := &m.watcher.Routes[i]
		b := m.rebuilder(store.Origin{Route: r.Name, Account: r.Account}, r)
		take := b.takeRead
		if len(m.watcher.Routes) > 1 {
			take = b.holdRead
		}
		if taken, err := b.takeCopy(ctx, c, missing, take); err != nil || taken {
			return err
		}
	}
	return nil
}

// takeCopy takes in a kept copy if it has a missing order. One that cannot be read tells nothing.
func (b *rebuilder) takeCopy(ctx context.Context, c store.Copy, missing missingOrders, take func(context.Context) error) (taken bool, err error) {
	b.file = ledger.File{Route: b.route.Name, SHA256: c.SHA256, Name: c.SHA256, Size: c.Size, Seen: c.Kept}
	result, err := b.convert(ctx, b.watcher.Store().Input(c.SHA256, c.SHA256))
	if err != nil || result.Files[0].Err != nil {
		return false, err
	}
	row, has, err := b.rowOfMissing(missing)
	if err != nil || !has {
		return false, err
	}
	b.file.Name = filepath.Base(row.file) // the places of its orders have the name that it came with
	if _, err = b.convert(ctx, b.watcher.Store().Input(c.SHA256, b.file.Name)); err != nil {
		return false, err
	}
	return true, take(ctx)
}

// takeRead notes what the converted copy must have become.
func (b *rebuilder) takeRead(ctx context.Context) error {
	if err := b.writeFindings(ctx, true); err != nil {
		return err
	}
	return b.join(ctx, b.watcher.Store().Input(b.file.SHA256, b.file.Name))
}

// holdRead holds the orders of the converted copy, whose route is not recorded.
func (b *rebuilder) holdRead(ctx context.Context) error {
	var all []*inbox.Route
	for i := range b.watcher.Routes {
		all = append(all, &b.watcher.Routes[i])
	}
	return b.holdAll(ctx, all, b.watcher.Store().Path(b.file.SHA256), "look whether 1C has it: then obmen dismiss, else drop its file into the inbox of its route again")
}

// rowOfMissing is what the route's list tells of a missing order that the converted file has; false when it has none.
func (b *rebuilder) rowOfMissing(missing missingOrders) (row heldRow, has bool, err error) {
	look := func(account string, k ledger.Key) {
		if !has {
			row, has = missing.find(b.route.Name, account, k)
		}
	}
	err = b.attempt.eachExported(func(e *exportedOrder) error {
		look(e.Order.Account, e.Order.Key)
		return nil
	})
	if err != nil {
		return row, false, err
	}
	return row, has, b.attempt.found.holds.each(&b.attempt.spill, func(h *ledger.Hold) error {
		look(h.Account, h.Key)
		return nil
	})
}
