package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"obmen/convert/catalog"
	"obmen/watch/ledger"
)

// triedName is the cursor that says with what all held orders of a route have been tried.
func triedName(route string) string { return "tried/" + route }

// triedWith stands for all that decides over orders: as long as it is the same, to try a held order again changes
// nothing. It is empty where that cannot be told.
func (k *worker) triedWith(cat *catalog.Snapshot) string {
	if k.watcher.Settings == "" {
		return ""
	}
	all := sha256.New()
	fmt.Fprintln(all, k.watcher.Settings, cat.Hash())
	for _, l := range k.writer.Layouts {
		fmt.Fprintln(all, l.Name(), l.Hash())
	}
	return hex.EncodeToString(all.Sum(nil))
}

// noteInForce notes the catalogs and layouts that count from now on. Held orders are tried again when catalogs have changed, and
// at the start, unless the ledger says that they were all tried with the very same.
func (k *worker) noteInForce(ctx context.Context, cat *catalog.Snapshot) error {
	with, first := k.triedWith(cat), k.current.catalog == nil
	if first {
		var err error
		if k.cures.tried, _, err = k.watcher.Ledger.Cursor(ctx, triedName(k.route.Name)); err != nil {
			return err
		}
	}
	known := k.cures.tried != "" && k.cures.tried == with
	if k.cures.tried != "" && !known { // what is held from now on was not tried with that
		if err := k.noteTried(ctx, ""); err != nil {
			return err
		}
	}
	if first && known {
		k.lists.stale = true // a program that was killed may not have come to it
		damaged, err := k.watcher.Ledger.Holds(ctx, ledger.HoldFilter{Route: k.route.Name, Code: string(CopyDamaged), Limit: 1})
		if err != nil {
			return err
		}
		k.cures.needed = len(damaged) > 0
	} else if first || k.current.catalog.Hash() != cat.Hash() {
		k.cures = cures{needed: true, tried: k.cures.tried}
	}
	k.current.catalog = cat
	return nil
}

func (k *worker) noteTried(ctx context.Context, with string) error {
	if err := k.watcher.Ledger.SetCursor(ctx, triedName(k.route.Name), with); err != nil {
		return err
	}
	k.cures.tried = with
	return nil
}
