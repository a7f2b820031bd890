package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/watch"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// DismissOptions name the orders of Dismiss and UndoDismiss. Account and File choose one where several fit.
type DismissOptions struct {
	Orders  []string
	Why     string // for whoever asks later; of Dismiss alone
	Account string // the seller account
	File    string // the first characters of the SHA-256 of the file
}

// Dismissed is what Dismiss and UndoDismiss did.
type Dismissed struct {
	Dismissed []Dismissal `json:"dismissed"`
	Held      []Hold      `json:"held"` // again, by UndoDismiss
	Running   bool        `json:"running"`
}

// Dismiss dismisses all orders or none: they are never exported, whatever file they come in. One that was
// dismissed before keeps its first reason.
func (d *Desk) Dismiss(ctx context.Context, opt DismissOptions) (*Dismissed, error) {
	if err := d.begin(ctx, roles.Work, "dismiss", opt.Orders...); err != nil {
		return nil, err
	}
	var keys []ledger.Key
	var added []ledger.Dismissal
	now := time.Now()
	for _, id := range opt.distinctOrders() {
		h, err := d.toDismiss(ctx, opt, id)
		if err != nil {
			return nil, err
		}
		if h != nil {
			keys, added = append(keys, h.Key), append(added, ledger.Dismissal{Hold: *h, At: now, Why: opt.Why})
		}
	}
	if err := d.writeAhead(ctx, added, nil); err != nil {
		return nil, err
	}
	if err := d.Ledger.Dismiss(ctx, keys, opt.Why, now); err != nil {
		return nil, errors.Join(err, d.writeDismissed(ctx))
	}
	requests, done := newRequests("dismiss"), &Dismissed{Dismissed: []Dismissal{}, Held: []Hold{}}
	for _, id := range opt.distinctOrders() {
		all, err := d.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: id})
		if err != nil {
			return nil, err
		}
		for i := range all {
			if opt.isMeant(&all[i].Hold) {
				requests.requestOf(all[i].Route)
				done.Dismissed = append(done.Dismissed, DismissalOf(&all[i]))
			}
		}
	}
	return d.finishDismissed(ctx, done, requests)
}

// UndoDismiss puts dismissed orders back on the list, all or none, and asks for another try.
func (d *Desk) UndoDismiss(ctx context.Context, opt DismissOptions) (*Dismissed, error) {
	if err := d.begin(ctx, roles.Work, "undo", opt.Orders...); err != nil {
		return nil, err
	}
	var keys []ledger.Key
	requests, done := newRequests("dismiss --undo"), &Dismissed{Dismissed: []Dismissal{}, Held: []Hold{}}
	for _, id := range opt.distinctOrders() {
		h, err := d.toUndo(ctx, opt, id)
		if err != nil {
			return nil, err
		}
		keys, done.Held = append(keys, h.Key), append(done.Held, HoldOf(h))
		requests.requestFile(h.Route, h.SHA256, watch.FileOf(h))
	}
	if err := d.writeAhead(ctx, nil, keys); err != nil {
		return nil, err
	}
	if err := d.Ledger.HoldAgain(ctx, keys); err != nil {
		return nil, errors.Join(err, d.writeDismissed(ctx))
	}
	return d.finishDismissed(ctx, done, requests)
}

func (d *Desk) finishDismissed(ctx context.Context, done *Dismissed, requests *requests) (_ *Dismissed, err error) {
	if err := d.putRequests(ctx, requests); err != nil {
		return nil, err
	}
	if err := d.writeDismissed(ctx); err != nil {
		return nil, err
	}
	done.Running, _, err = d.Watcher()
	return done, err
}

// writeDismissed writes every route's list of dismissed orders as the ledger has them.
func (d *Desk) writeDismissed(ctx context.Context) error { return d.writeAhead(ctx, nil, nil) }

// writeAhead writes every route's list of dismissed orders, with what is about to change: a ledger may get lost at
// any moment.
func (d *Desk) writeAhead(ctx context.Context, added []ledger.Dismissal, removed []ledger.Key) error {
	for i := range d.Routes {
		if err := watch.WriteDismissedAhead(ctx, drop.OS{}, d.Ledger, &d.Routes[i], added, removed); err != nil {
			return err
		}
	}
	return nil
}

// toDismiss returns the hold that is meant; nil when the order was dismissed before.
func (d *Desk) toDismiss(ctx context.Context, opt DismissOptions, id string) (*ledger.Hold, error) {
	all, err := d.Ledger.Holds(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	h, err := opt.chooseHold(all)
	if h != nil || err != nil {
		return h, err
	}
	before, err := d.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil || slices.ContainsFunc(before, func(g ledger.Dismissal) bool { return opt.isMeant(&g.Hold) }) {
		return nil, err
	}
	orders, err := d.Ledger.Orders(ctx, ledger.OrderFilter{Order: id})
	if err != nil {
		return nil, err
	}
	if len(orders) > 0 {
		return nil, words.Refuse(
			words.New("dismiss.went-out", "Order", id, "At", orders[0].Exported, "Set", orders[0].Set),
			words.New("dismiss.cancel-in-1c", "Command", d.Command("explain", id)))
	}
	return nil, words.Refuse(words.New("dismiss.not-held", "Order", id), words.New("desk.lists-them", "Command", d.Command("held")))
}

// toUndo returns the dismissed order that is meant.
func (d *Desk) toUndo(ctx context.Context, opt DismissOptions, id string) (*ledger.Hold, error) {
	all, err := d.Ledger.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	holds := make([]ledger.Hold, len(all))
	for i := range all {
		holds[i] = all[i].Hold
	}
	h, err := opt.chooseHold(holds)
	if h == nil && err == nil {
		err = words.Refuse(words.New("dismiss.not-dismissed", "Order", id), words.New("desk.lists-them", "Command", d.Command("held", "--dismissed")))
	}
	return h, err
}

// distinctOrders are the orders that were named, each once.
func (opt *DismissOptions) distinctOrders() []string {
	return slices.Compact(slices.Sorted(slices.Values(opt.Orders)))
}

// isMeant reports whether a hold is of the account and the file that were named.
func (opt *DismissOptions) isMeant(h *ledger.Hold) bool {
	return (opt.Account == "" || strings.EqualFold(opt.Account, h.Account)) && strings.HasPrefix(h.SHA256, strings.ToLower(opt.File))
}

// HashShown is how much of a hash people see: enough to distinguish two.
const HashShown = 12

// chooseHold returns the hold that is meant, or nil. Where there are several it does not guess: each is named with
// what distinguishes it.
func (opt *DismissOptions) chooseHold(all []ledger.Hold) (*ledger.Hold, error) {
	all = slices.DeleteFunc(all, func(h ledger.Hold) bool { return !opt.isMeant(&h) })
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return &all[0], nil
	}
	first := &all[0]
	choice := "--file " + first.SHA256[:HashShown]
	if slices.IndexFunc(all[1:], func(h ledger.Hold) bool { return h.Account == first.Account }) < 0 && first.Account != "" {
		choice = "--account " + first.Account
	}
	places := make([]string, len(all))
	for i := range all {
		places[i] = strings.TrimSpace(fmt.Sprintf("%s %s (file %s)", all[i].Account, all[i].Origin, all[i].SHA256[:HashShown]))
	}
	return nil, words.Refuse(
		words.Count("dismiss.several", len(all), "Order", first.Order, "Places", places),
		words.New("dismiss.choose", "Choice", choice))
}
