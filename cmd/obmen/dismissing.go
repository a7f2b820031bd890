package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/ledger"
)

// dismiss dismisses all orders or none. One that was dismissed before keeps its first reason.
func (s *shop) dismiss(ctx context.Context, opt dismissOptions) ([]jsonDismissal, error) {
	var keys []ledger.Key
	for _, id := range opt.ids() {
		h, err := s.toDismiss(ctx, opt, id)
		if err != nil {
			return nil, err
		}
		if h != nil {
			keys = append(keys, h.Key)
		}
	}
	if err := s.book.Dismiss(ctx, keys, opt.Why, time.Now()); err != nil {
		return nil, err
	}
	w, list := newWish("dismiss"), []jsonDismissal{}
	for _, id := range opt.ids() {
		all, err := s.book.Dismissals(ctx, ledger.HoldFilter{Order: id})
		if err != nil {
			return nil, err
		}
		for i := range all {
			if opt.fits(&all[i].Hold) {
				w.request(all[i].Route)
				list = append(list, jsonDismissalOf(&all[i]))
			}
		}
	}
	return list, s.put(ctx, w)
}

// toDismiss is the hold that is meant; nil when the order was dismissed before.
func (s *shop) toDismiss(ctx context.Context, opt dismissOptions, id string) (*ledger.Hold, error) {
	all, err := s.book.Holds(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	h, err := opt.choose(all)
	if h != nil || err != nil {
		return h, err
	}
	before, err := s.book.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil || slices.ContainsFunc(before, func(d ledger.Dismissal) bool { return opt.fits(&d.Hold) }) {
		return nil, err
	}
	orders, err := s.book.Orders(ctx, ledger.OrderFilter{Order: id})
	if err != nil {
		return nil, err
	}
	if len(orders) > 0 {
		return nil, ui.WithHint(fmt.Errorf("dismiss %q: it does not wait, it went out on %s in %s", id, ui.Clock(orders[0].Exported), orders[0].Set),
			"cancel it in 1C; "+s.cfg.Command("explain", id)+" tells where it went")
	}
	return nil, ui.WithHint(fmt.Errorf("dismiss %q: no such order is held", id), s.cfg.Command("held")+" lists them")
}

// holdAgain undoes dismissals, all or none, and asks for another try.
func (s *shop) holdAgain(ctx context.Context, opt dismissOptions) ([]jsonHold, error) {
	var keys []ledger.Key
	w, list := newWish("dismiss --undo"), []jsonHold{}
	for _, id := range opt.ids() {
		all, err := s.book.Dismissals(ctx, ledger.HoldFilter{Order: id})
		if err != nil {
			return nil, err
		}
		holds := make([]ledger.Hold, len(all))
		for i := range all {
			holds[i] = all[i].Hold
		}
		h, err := opt.choose(holds)
		if err != nil {
			return nil, err
		}
		if h == nil {
			return nil, ui.WithHint(fmt.Errorf("dismiss --undo %q: no such order is dismissed", id), s.cfg.Command("held", "--dismissed")+" lists them")
		}
		keys, list = append(keys, h.Key), append(list, jsonHoldOf(h))
		w.file(h.Route, h.SHA256, watch.FileOf(h))
	}
	if err := s.book.HoldAgain(ctx, keys); err != nil {
		return nil, err
	}
	return list, s.put(ctx, w)
}

// ids are the orders that were named, each once.
func (opt *dismissOptions) ids() []string {
	return slices.Compact(slices.Sorted(slices.Values(opt.Orders)))
}

// fits says whether a hold is of the account and the file that were named.
func (opt *dismissOptions) fits(h *ledger.Hold) bool {
	return (opt.Account == "" || strings.EqualFold(opt.Account, h.Account)) && strings.HasPrefix(h.SHA256, strings.ToLower(opt.File))
}

// choose is the hold that is meant, or nil. Where there are several nobody should guess: each is named with what
// tells it from the others.
func (opt *dismissOptions) choose(all []ledger.Hold) (*ledger.Hold, error) {
	all = slices.DeleteFunc(all, func(h ledger.Hold) bool { return !opt.fits(&h) })
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return &all[0], nil
	}
	first := &all[0]
	hint := "say which, for the first of them with --file " + first.SHA256[:hashShown]
	if slices.IndexFunc(all[1:], func(h ledger.Hold) bool { return h.Account == first.Account }) < 0 && first.Account != "" {
		hint = "say which, for the first of them with --account " + first.Account
	}
	places := make([]string, len(all))
	for i := range all {
		places[i] = strings.TrimSpace(fmt.Sprintf("%s %s (file %s)", all[i].Account, all[i].Origin, all[i].SHA256[:hashShown]))
	}
	return nil, ui.WithHint(fmt.Errorf("dismiss %q: there are %d of them: %s", first.Order, len(all), strings.Join(places, ", ")), hint)
}

// notDismissed refuses a command on an order that a person has dealt with.
func (s *shop) notDismissed(ctx context.Context, command, id string) error {
	list, err := s.book.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil || len(list) == 0 {
		return err
	}
	return ui.WithHint(fmt.Errorf("%s %q: it was dismissed on %s: %s", command, id, ui.Clock(list[0].At), list[0].Why),
		s.cfg.Command("dismiss", "--undo", id)+" brings it back")
}
