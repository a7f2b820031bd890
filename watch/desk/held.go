package desk

import (
	"context"

	"obmen/watch/ledger"
)

// Hold is an order that waits, with its reason and its cure.
type Hold struct {
	Order    string   `json:"order"`
	Account  string   `json:"account"`
	Route    string   `json:"route"`
	Origin   string   `json:"origin"` // file and place
	Code     string   `json:"code"`
	Sentence string   `json:"sentence"` // empty after a purge
	Cure     string   `json:"cure"`
	File     string   `json:"file,omitempty"` // the catalog to mend
	Add      []string `json:"add,omitempty"`  // lines to add to it
	Currency string   `json:"currency"`
	Total    string   `json:"total,omitempty"` // as the source states it
	Since    Moment   `json:"since"`
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
	Page        Page // of each of the two lists
}

// Held are the orders that wait, and those that were dismissed.
type Held struct {
	Held      []Hold      `json:"held"`
	Dismissed []Dismissal `json:"dismissed"`

	AllHeld, AllDismissed int `json:"-"` // on all pages
}

// Held lists the orders that wait and those that were dismissed.
func (d *Desk) Held(ctx context.Context, opt HeldOptions) (*Held, error) {
	holds, dismissals, err := d.HeldRecords(ctx, opt)
	if err != nil {
		return nil, err
	}
	list := &Held{Held: []Hold{}, Dismissed: []Dismissal{}, AllHeld: len(holds), AllDismissed: len(dismissals)}
	for _, h := range cut(holds, opt.Page) {
		list.Held = append(list.Held, HoldOf(&h))
	}
	for _, g := range cut(dismissals, opt.Page) {
		list.Dismissed = append(list.Dismissed, DismissalOf(&g))
	}
	return list, nil
}

// HeldRecords returns what Held lists as the ledger has it, all pages of it: the tables for Excel are made of it.
func (d *Desk) HeldRecords(ctx context.Context, opt HeldOptions) ([]ledger.Hold, []ledger.Dismissal, error) {
	filter := ledger.HoldFilter{Code: opt.Code, Order: opt.Order}
	holds, err := d.Ledger.Holds(ctx, filter)
	if err != nil {
		return nil, nil, err
	}
	dismissals, err := d.Ledger.Dismissals(ctx, filter)
	return holds, dismissals, err
}

// HoldOf returns a hold of the ledger as a result.
func HoldOf(h *ledger.Hold) Hold {
	return Hold{
		h.Order, h.Account, h.Route, h.Origin, h.Code, h.Sentence, h.Cure, h.File, h.Add, h.Currency, h.Total, Moment{h.Since},
	}
}

// DismissalOf returns a dismissal of the ledger as a result.
func DismissalOf(g *ledger.Dismissal) Dismissal {
	return Dismissal{HoldOf(&g.Hold), g.Why, Moment{g.At}}
}
