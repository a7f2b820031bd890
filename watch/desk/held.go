package desk

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"obmen/convert/money"
	"obmen/watch/ledger"
)

// Hold is an order that waits, with its reason and its cure.
type Hold struct {
	Order   string `json:"order"`
	Account string `json:"account"`
	Route   string `json:"route"`
	Origin  string `json:"origin"` // file and place
	Remedy
	Currency string `json:"currency"`
	Total    string `json:"total,omitempty"` // as the source states it
	Since    Moment `json:"since"`
	Ordered  Moment `json:"ordered,omitzero"`  // by the buyer
	Country  string `json:"country,omitempty"` // of delivery
	Title    string `json:"title,omitempty"`   // of its items
}

// Remedy is why an order is held, and what cures it.
type Remedy struct {
	Code     string   `json:"code"`
	Sentence string   `json:"sentence"` // empty after a purge
	Cure     string   `json:"cure"`
	File     string   `json:"file,omitempty"` // the catalog to mend
	Add      []string `json:"add,omitempty"`  // lines to add to it
}

// Dismissal is an order that a person has dealt with, as it was held.
type Dismissal struct {
	Hold
	Why string `json:"why"`
	At  Moment `json:"dismissed"`
}

// HeldOptions choose held and dismissed orders; empty fields choose all.
type HeldOptions struct {
	Code, Order string
	File, Line  string // of a Cause
	Page        Page   // of each of the two lists
}

func (opt *HeldOptions) filter() ledger.HoldFilter {
	return ledger.HoldFilter{
		Code: opt.Code, Order: opt.Order, File: opt.File, Line: opt.Line, Limit: opt.Page.Limit, Offset: opt.Page.Offset,
	}
}

// Held are the orders that wait, and those that were dismissed.
type Held struct {
	Held      []Hold      `json:"held"`
	Dismissed []Dismissal `json:"dismissed"`

	AllHeld, AllDismissed int `json:"-"` // on all pages
}

// Held lists the orders that wait and those that were dismissed. It reads no more than the page.
func (d *Desk) Held(ctx context.Context, opt HeldOptions) (*Held, error) {
	list := &Held{Dismissed: []Dismissal{}}
	var err error
	if list.AllHeld, err = d.Ledger.CountHolds(ctx, opt.filter()); err != nil {
		return nil, err
	}
	room := list.AllHeld // there may be ten thousand, which a growing list would copy over and over
	if opt.Page.Limit > 0 {
		room = min(room, opt.Page.Limit)
	}
	list.Held = make([]Hold, 0, room)
	err = d.Ledger.EachHold(ctx, opt.filter(), func(h *ledger.Hold) { list.Held = append(list.Held, HoldOf(h)) })
	if err != nil {
		return nil, err
	}
	dismissals, err := d.Ledger.Dismissals(ctx, opt.filter())
	for i := range dismissals {
		list.Dismissed = append(list.Dismissed, DismissalOf(&dismissals[i]))
	}
	if err == nil {
		list.AllDismissed, err = d.CountDismissed(ctx, opt)
	}
	return list, err
}

// EachHeld hands on the orders that wait, one by one, with why and since when, and nothing of what is in them. The ledger
// is being read meanwhile.
func (d *Desk) EachHeld(ctx context.Context, opt HeldOptions, take func(*Hold)) error {
	f := opt.filter()
	f.NoDetails = true
	return d.Ledger.EachHold(ctx, f, func(h *ledger.Hold) {
		one := HoldOf(h)
		take(&one)
	})
}

// CountDismissed counts the orders that were dismissed.
func (d *Desk) CountDismissed(ctx context.Context, opt HeldOptions) (int, error) {
	return d.Ledger.CountDismissals(ctx, opt.filter())
}

// HeldRecords returns what Held lists as the ledger has it: the tables for Excel are made of it.
func (d *Desk) HeldRecords(ctx context.Context, opt HeldOptions) ([]ledger.Hold, []ledger.Dismissal, error) {
	holds, err := d.Ledger.Holds(ctx, opt.filter())
	if err != nil {
		return nil, nil, err
	}
	dismissals, err := d.Ledger.Dismissals(ctx, opt.filter())
	return holds, dismissals, err
}

// Cause holds what held orders wait for: a line that a catalog lacks, or what their code means. An order that waits
// for two lines is of two causes.
type Cause struct {
	Code   string            `json:"code"`
	File   string            `json:"file,omitempty"`  // the catalog to mend
	Line   string            `json:"line,omitempty"`  // to add to it
	Cells  map[string]string `json:"cells,omitempty"` // of Line, by canonical column
	Title  string            `json:"title,omitempty"` // the marketplace's name of the item that the line is for
	Orders int               `json:"orders"`
	Sums   []CauseSum        `json:"sums,omitempty"` // of those that state a total, by currency
	Since  Moment            `json:"since"`          // the oldest of them
}

// CauseSum is an amount of one currency.
type CauseSum struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// HeldCauses lists what orders wait for, those with the most orders first. With a line it is that cause alone.
func (d *Desk) HeldCauses(ctx context.Context, opt HeldOptions) ([]Cause, error) {
	if opt.Order != "" {
		return d.readCauses(ctx, opt)
	}
	all, err := knownCauses.of(ctx, d.Ledger, func() ([]Cause, error) { return d.readCauses(ctx, HeldOptions{}) })
	list := []Cause{}
	for i := range all {
		c := &all[i]
		if (opt.Code == "" || opt.Code == c.Code) && (opt.File == "" || opt.File == c.File) && (opt.Line == "" || opt.Line == c.Line) {
			list = append(list, *c)
		}
	}
	return list, err
}

// knownCauses and knownTasks are made of all held orders of a ledger, and true until these change: pages ask for them
// at every look, and there may be ten thousand orders.
var (
	knownCauses ofHeld[[]Cause]
	knownTasks  ofHeld[[]Task]
)

// ofHeld is what was made of the held orders of a ledger.
type ofHeld[T any] struct {
	mu      sync.Mutex
	book    *ledger.Ledger
	changes int
	made    T
}

// of returns what was made, or makes it when held orders have changed since. The caller leaves it as it is.
func (c *ofHeld[T]) of(ctx context.Context, book *ledger.Ledger, make func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changes, err := book.HoldChanges(ctx)
	if err != nil || c.book == book && c.changes == changes {
		return c.made, err
	}
	made, err := make()
	if err == nil {
		c.book, c.changes, c.made = book, changes, made
	}
	return made, err
}

// readCauses reads the causes of held orders.
func (d *Desk) readCauses(ctx context.Context, opt HeldOptions) ([]Cause, error) {
	rows, err := d.Ledger.Causes(ctx, opt.filter())
	if err != nil {
		return nil, err
	}
	type key struct{ code, file, line string }
	list, places, sums := []Cause{}, map[key]int{}, map[int]map[string]money.Amount{}
	for i := range rows {
		r := &rows[i]
		at, known := places[key{r.Code, r.File, r.Line}]
		if !known {
			at = len(list)
			places[key{r.Code, r.File, r.Line}], sums[at] = at, map[string]money.Amount{}
			list = append(list, Cause{Code: r.Code, File: r.File, Line: r.Line, Since: Moment{r.Since}})
		}
		list[at].addRow(r)
		if total, err := money.Parse(r.Total); err == nil {
			sums[at][r.Currency] = sums[at][r.Currency].Plus(total.Times(money.Int(int64(r.Orders))))
		}
	}
	for at := range list {
		for currency, sum := range sums[at] {
			places := money.Currency(currency).Places()
			list[at].Sums = append(list[at].Sums, CauseSum{currency, sum.Text(places)})
		}
		slices.SortFunc(list[at].Sums, func(a, b CauseSum) int { return cmp.Compare(a.Currency, b.Currency) })
	}
	slices.SortFunc(list, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), a.Since.Compare(b.Since.Time), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Line, b.Line))
	})
	return list, nil
}

// addRow adds the orders of one total.
func (c *Cause) addRow(r *ledger.Cause) {
	c.Orders += r.Orders
	if r.Since.Before(c.Since.Time) {
		c.Since.Time = r.Since
	}
	if c.Cells == nil {
		c.Cells = r.Missing.Cells
	}
	c.Title = cmp.Or(c.Title, r.Missing.Title)
}

// HoldOf returns a hold of the ledger as a result.
func HoldOf(h *ledger.Hold) Hold {
	return Hold{
		Order: h.Order, Account: h.Account, Route: h.Route, Origin: h.Origin, Remedy: Remedy(h.Remedy),
		Currency: h.Currency, Total: h.Total, Since: Moment{h.Since},
		Ordered: Moment{h.Details.Ordered}, Country: h.Details.Country, Title: h.Details.Title,
	}
}

// DismissalOf returns a dismissal of the ledger as a result.
func DismissalOf(g *ledger.Dismissal) Dismissal {
	return Dismissal{HoldOf(&g.Hold), g.Why, Moment{g.At}}
}
