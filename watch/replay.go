package watch

import (
	"context"
	"errors"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/watch/ledger"
)

// retold gives a document that is published once more the words it was first published with: whether
// it is new or an update, and what it changes. So the same order with the same catalogs is the same
// file, byte for byte.
func (k *worker) retold(key ledger.Key, d *document.Document) {
	o := k.anew[key]
	if o == nil {
		return
	}
	if old := before(o).Document; old != nil {
		d.Action, d.Changes = old.Action, old.Changes
	}
}

// before is an order as it was exported, with no revision: whatever comes counts as a change.
func before(o *ledger.Order) *convert.Known {
	return &convert.Known{Document: Document(o.Facts)}
}

// resend notes that failed sets are in the outbox once more: their name, and so their content, is the
// one that failed.
func (p *pass) resend(ctx context.Context) error {
	if p.k.anew == nil {
		return nil
	}
	for _, set := range p.sets {
		err := p.k.w.Ledger.Resend(ctx, set.Stem, p.now())
		var other *ledger.StateError // it did not fail: nothing is to be noted
		if err != nil && !errors.As(err, &other) {
			return err
		}
	}
	return nil
}
