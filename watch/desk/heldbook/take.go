package heldbook

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// cell is a pair of cells for a product and its quantity: those of an SKU of an order.
type cell struct{ order, sku, marketplace string }

// entry is what was typed there.
type entry struct {
	product, quantity string
	answer            words.Text
	taken             bool // it stands in skus.csv
}

// typed is a row of a workbook with what a person typed.
type typed struct {
	cell
	product, quantity string
}

// line is what several rows may be about.
type line struct{ sku, marketplace string }

// apply takes what was typed; what was answered before is tried once more only when that is asked for. Rows of one
// SKU that differ are told, and none of them is taken.
func (b *book) apply(ctx context.Context, rows []typed, again bool) error {
	entries := map[cell]*entry{}
	for l, same := range byLine(rows) {
		e := b.entryBefore(same)
		if e == nil || again {
			var err error
			if e, err = b.takeLine(ctx, l, same); err != nil {
				return err
			}
			b.noteLine(l, e)
		}
		for _, r := range same {
			one := *e
			if !e.taken {
				one.product, one.quantity = r.product, r.quantity
			}
			entries[r.cell] = &one
		}
	}
	b.entries, b.shown = entries, [2]drop.Observation{} // the answers are to be written
	if cat, err := b.Desk.Catalog(); err == nil && cat != nil {
		b.catalog = cat.Hash()
	}
	return nil
}

// byLine sorts rows by what they are about.
func byLine(rows []typed) map[line][]typed {
	lines := map[line][]typed{}
	for _, r := range rows {
		l := line{r.sku, r.marketplace}
		lines[l] = append(lines[l], r)
	}
	return lines
}

// entryBefore returns the answer to what was typed before; nil when something else is typed now.
func (b *book) entryBefore(rows []typed) *entry {
	first := b.entries[rows[0].cell]
	for _, r := range rows {
		e := b.entries[r.cell]
		if e == nil || e.product != r.product || e.quantity != r.quantity {
			return nil
		}
	}
	return first
}

// retry tries what could not be taken once more when the catalogs have changed: the product may be there now.
func (b *book) retry(ctx context.Context) error {
	var rows []typed
	for at, e := range b.entries {
		if !e.taken {
			rows = append(rows, typed{at, e.product, e.quantity})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	cat, err := b.Desk.Catalog()
	if err != nil || cat == nil || cat.Hash() == b.catalog {
		return nil // broken catalogs are told elsewhere
	}
	return b.apply(ctx, rows, true)
}

// takeLine writes a line into skus.csv, or returns why not. An error is none of what was typed: it may pass.
func (b *book) takeLine(ctx context.Context, l line, rows []typed) (*entry, error) {
	if slices.ContainsFunc(rows, func(r typed) bool { return r.product != rows[0].product || r.quantity != rows[0].quantity }) {
		return &entry{answer: words.New("heldbook.differ")}, nil
	}
	product, quantity := rows[0].product, rows[0].quantity
	stands, err := b.Desk.SKULine(l.sku, l.marketplace)
	if err != nil {
		return answerTo(err)
	}
	if stands != nil {
		if b.isSame(stands, product, quantity) {
			return &entry{taken: true, answer: words.New("heldbook.taken", "Product", product)}, nil
		}
		return &entry{answer: words.New("heldbook.stands", "Line", stands.Line, "Product", stands.Product)}, nil
	}
	d := b.Desk.As(desk.Actor{Name: filepath.Base(b.path), Role: roles.Work})
	_, err = d.Cure(ctx, desk.CureOptions{SKU: l.sku, Marketplace: l.marketplace, Parts: []desk.KitPart{{Product: product, Quantity: quantity}}})
	if err != nil {
		return answerTo(err)
	}
	return &entry{taken: true, answer: words.New("heldbook.taken", "Product", product)}, nil
}

// answerTo returns a refusal as an answer, and every other error as it is.
func answerTo(err error) (*entry, error) {
	if refused, ok := errors.AsType[*words.Error](err); ok {
		return &entry{answer: refused.Text}, nil
	}
	var mistake interface{ Hint() string } // of a catalog
	if errors.As(err, &mistake) && errors.Unwrap(err) == nil {
		return &entry{answer: words.Plain(err.Error())}, nil
	}
	return nil, err
}

// isSame reports whether a line of skus.csv says what was typed.
func (b *book) isSame(stands *desk.SKULine, product, quantity string) bool {
	if cmp.Or(stands.Quantity, "1") != cmp.Or(quantity, "1") {
		return false
	}
	if stands.Product == product {
		return true
	}
	cat, err := b.Desk.Catalog()
	if err != nil || cat == nil {
		return false
	}
	one, known := cat.ProductByRef(stands.Product)
	other, alsoKnown := cat.ProductByRef(product)
	return known && alsoKnown && one.SKU == other.SKU && one.Code == other.Code && one.ID == other.ID
}

// noteLine notes what became of a line.
func (b *book) noteLine(l line, e *entry) {
	file := filepath.Base(b.path)
	if e.taken {
		b.Note("heldbook.written", "File", file, "SKU", l.sku, "Answer", e.answer)
		return
	}
	b.Note("heldbook.refused", "File", file, "SKU", l.sku, "Answer", e.answer)
}
