package watch

import (
	"context"
	"path/filepath"

	"obmen/watch/ledger"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

// readKept takes in the kept copies of files that the archive has no more and that have orders which were held: a
// copy stays for as long as an order of it waits. Only where there is one route: a copy does not tell which it came
// through. A copy without such an order proves nothing, its file may never have been done.
func (m *memory) readKept(ctx context.Context) error {
	if len(m.watcher.Routes) != 1 || len(m.missing()) == 0 {
		return nil
	}
	copies, err := m.watcher.Store().Copies()
	if err != nil {
		return err
	}
	r := &m.watcher.Routes[0]
	b := m.rebuilder(store.Origin{Route: r.Name, Account: r.Account}, r)
	for _, c := range copies {
		if m.archived[c.SHA256] {
			continue
		}
		if err := b.takeCopy(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// takeCopy takes in a kept copy if it has a missing order. One that cannot be read tells nothing.
func (b *rebuilder) takeCopy(ctx context.Context, c store.Copy) error {
	b.file = ledger.File{Route: b.route.Name, SHA256: c.SHA256, Name: c.SHA256, Size: c.Size, Seen: c.Kept}
	result, err := b.convert(ctx, b.watcher.Store().Input(c.SHA256, c.SHA256))
	if err != nil || result.Files[0].Err != nil {
		return err
	}
	name, has := b.nameOfMissing()
	if !has {
		return nil
	}
	b.file.Name = filepath.Base(name)
	in := b.watcher.Store().Input(c.SHA256, b.file.Name)
	var named *outbox.Result // its places have the name that it came with
	if named, err = b.convert(ctx, in); err != nil {
		return err
	}
	if err := b.note(ctx, named, true); err != nil {
		return err
	}
	return b.join(ctx, in)
}

// nameOfMissing is the name that the list of held orders gives the converted file; false when it has no missing order.
func (b *rebuilder) nameOfMissing() (name string, has bool) {
	missing, f := b.missing(), &b.attempt.found
	for i := range f.exported.list {
		if name, has = missing[f.exported.list[i].Order]; has {
			return name, true
		}
	}
	for i := range f.holds {
		if name, has = missing[f.holds[i].Order]; has {
			return name, true
		}
	}
	return "", false
}
