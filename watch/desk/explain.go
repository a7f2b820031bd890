package desk

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// Story is all that is known of one order.
type Story struct {
	ID        string
	Number    string             // under which 1C finds it; may be empty
	Exported  *ledger.Order      // nil when it never was
	Document  *document.Document // as it was exported; nil when it never was, or after a purge
	Sets      []ledger.Set       // with this order
	Hold      *ledger.Hold       // nil when it does not wait
	Dismissal *ledger.Dismissal  // nil when it is not dismissed
	Source    string             // SHA-256 of the kept file that tells it
	File      string             // the name that came with
	Today     *convert.Explanation
	Missing   words.Text // why today is nil
}

// Explain looks an order number up in the ledger, the marketplace's or the one under which 1C finds the order, and reads its kept file with today's catalogs: one story for each
// scope that knows the number. An order that was left out by a rule is not known.
func (d *Desk) Explain(ctx context.Context, id string) ([]Story, error) {
	list, err := d.Stories(ctx, id)
	for i := range list {
		if err := d.convertToday(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, err
}

// Stories is Explain without a look at kept files: what the ledger has, which costs next to nothing.
func (d *Desk) Stories(ctx context.Context, id string) ([]Story, error) {
	list, err := d.findStories(ctx, id)
	if err == nil && len(list) == 0 {
		list, err = d.storiesByNumber(ctx, id)
	}
	if err == nil && len(list) == 0 {
		err = words.Refuse(words.New("explain.unknown", "Order", id), words.New("explain.check-number"))
	}
	for i := range list {
		if err != nil {
			break
		}
		list[i].Number, err = d.Ledger.GivenNumber(ctx, ledger.Key{Scope: list[i].Scope(), Order: list[i].ID})
	}
	return list, err
}

// storiesByNumber are the orders that 1C finds by a number.
func (d *Desk) storiesByNumber(ctx context.Context, number string) (list []Story, err error) {
	keys, err := d.Ledger.OrdersOfNumber(ctx, number)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		found, err := d.findStories(ctx, key.Order)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if found[i].Scope() == key.Scope {
				list = append(list, found[i])
			}
		}
	}
	return list, nil
}

// findStories are the orders of a number, by their scope.
func (d *Desk) findStories(ctx context.Context, id string) ([]Story, error) {
	var list []Story
	at := func(key ledger.Key) *Story {
		for i := range list {
			if list[i].Scope() == key.Scope {
				return &list[i]
			}
		}
		list = append(list, Story{ID: id})
		return &list[len(list)-1]
	}
	orders, err := d.Ledger.Orders(ctx, ledger.OrderFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range orders {
		at(orders[i].Key).Exported = &orders[i]
	}
	holds, err := d.Ledger.Holds(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range holds {
		at(holds[i].Key).Hold = &holds[i]
	}
	gone, err := d.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range gone {
		at(gone[i].Key).Dismissal = &gone[i]
	}
	sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].fill(sets)
	}
	return list, nil
}

// Scope is where the order number is unique.
func (t *Story) Scope() string {
	switch {
	case t.Exported != nil:
		return t.Exported.Scope
	case t.Hold != nil:
		return t.Hold.Scope
	}
	return t.Dismissal.Scope
}

// Member is the order's place in a set.
func (t *Story) Member(set *ledger.Set) *ledger.Member {
	i := slices.IndexFunc(set.Orders, func(m ledger.Member) bool { return m.Key == ledger.Key{Scope: t.Scope(), Order: t.ID} })
	if i < 0 {
		return nil
	}
	return &set.Orders[i]
}

// fill finds where an order went, and the file that tells it.
func (t *Story) fill(sets []ledger.Set) {
	for i := range sets {
		if m := t.Member(&sets[i]); m != nil {
			t.Sets = append(t.Sets, sets[i])
			t.Source = m.SHA256
		}
	}
	if t.Exported != nil {
		t.Document = ledger.UnpackDocument(t.Exported.Facts)
	}
	hold := t.Hold
	if hold == nil && t.Dismissal != nil {
		hold = &t.Dismissal.Hold
	}
	if hold != nil {
		t.Source, t.File = hold.SHA256, watch.FileOf(hold)
	}
}

// convertToday converts the order with today's catalogs, for its figures alone.
func (d *Desk) convertToday(ctx context.Context, t *Story) error {
	files, err := d.Ledger.Files(ctx, ledger.FileFilter{SHA256: t.Source, Limit: 1})
	if err != nil {
		return err
	}
	if len(files) > 0 {
		t.File = files[0].Name
	}
	kept, err := d.keptCopies()
	if err != nil {
		t.Missing = missingText(err)
		return nil
	}
	in, err := kept.ExistingInput(t.Source, t.File)
	if errors.Is(err, fs.ErrNotExist) || t.Source == "" {
		t.Missing = words.New("explain.kept-gone", "File", t.File)
		return nil
	}
	if out, ok := errors.AsType[*store.OutageError](err); ok {
		t.Missing = missingText(out)
		return nil
	}
	if err != nil {
		return err
	}
	cat, err := d.Catalog()
	if err != nil {
		return err
	}
	opt := d.Options
	opt.Account = d.accountOf(files)
	list, err := convert.Explain(ctx, []source.Input{in}, cat, opt, t.ID)
	if err != nil {
		t.Missing = missingText(err)
		return nil
	}
	for i := range list {
		if list[i].Outcome.Scope == t.Scope() && list[i].Outcome.Rule == "" || len(list) == 1 {
			t.Today = &list[i]
		}
	}
	if t.Today == nil {
		t.Missing = words.New("explain.half")
	}
	return nil
}

// accountOf returns the seller account that the route of a file gives to orders which name none.
func (d *Desk) accountOf(files []ledger.FileRecord) string {
	for _, r := range d.Routes {
		if len(files) > 0 && r.Name == files[0].Route {
			return r.Account
		}
	}
	return ""
}

// missingText is why an order cannot be converted today: another part's words.
func missingText(err error) words.Text { return words.Plain(err.Error()) }

// LineCharges are the stated amounts of a line, by the name of their field.
func LineCharges(l *order.Line) []NamedCharge {
	return []NamedCharge{
		{source.Price, l.Price},
		{source.Discount, l.Discount},
		{source.Shipping, l.Shipping},
		{source.ShippingDiscount, l.ShippingDiscount},
		{source.GiftWrap, l.GiftWrap},
		{source.COD, l.COD},
		{source.CODDiscount, l.CODDiscount},
		{source.Other, l.Other},
		{source.LineTax, order.Charge{Amount: l.Tax}},
		{source.LineTotal, order.Charge{Amount: l.Total}},
	}
}

// OrderCharges are the stated amounts of the order as a whole.
func OrderCharges(o *order.Order) []NamedCharge {
	return []NamedCharge{
		{source.OrderShipping, o.Shipping},
		{source.OrderDiscount, order.Charge{Amount: o.Discount}},
		{source.Tip, order.Charge{Amount: o.Tip}},
	}
}

// NamedCharge is a stated amount with the name of its field.
type NamedCharge struct {
	Name source.Charge
	order.Charge
}
