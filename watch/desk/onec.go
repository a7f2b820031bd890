package desk

import (
	"context"
	"slices"
	"time"

	"obmen/watch/ledger"
)

// SentSet is a set of files for 1C, with what 1C said of it.
type SentSet struct {
	Stem, Route, Account string
	State                string // planned, published, taken, failed or loaded
	Published, Changed   time.Time
	Text                 string // 1C's words on the whole set
	Overdue              bool
	Files                []SentFile
	Orders               int            // that are in it; 0 where they are not looked at
	Refused              []RefusedOrder // by 1C
}

// SentFile is one file of a set.
type SentFile struct {
	Name, Layout string
	Size         int64
}

// RefusedOrder is an order that 1C does not accept, in 1C's words.
type RefusedOrder struct{ Order, Text string }

// SentSets are the sets by how far they are.
type SentSets struct {
	Failed  []SentSet // that 1C refused
	Overdue []SentSet // that 1C should have answered
	Waiting []SentSet // in the outbox or taken, not answered and not overdue; the newest first
	Loaded  []SentSet // the newest first
}

// mostSets bounds each list of sets.
const mostSets = 100

// SentSets lists what went to 1C and what it said.
func (d *Desk) SentSets(ctx context.Context, now time.Time) (*SentSets, error) {
	all := &SentSets{}
	var err error
	if all.Failed, err = d.newestSets(ctx, true, ledger.Failed); err != nil {
		return nil, err
	}
	if all.Waiting, err = d.newestSets(ctx, false, ledger.Planned, ledger.Published, ledger.Taken); err != nil {
		return nil, err
	}
	if all.Loaded, err = d.newestSets(ctx, false, ledger.Loaded); err != nil {
		return nil, err
	}
	late, err := d.overdueSets(ctx, now)
	isLate := map[string]bool{}
	for i := range late {
		isLate[late[i].Stem] = true
	}
	all.Waiting = slices.DeleteFunc(all.Waiting, func(s SentSet) bool { return isLate[s.Stem] })
	for i := range late[:min(len(late), mostSets)] {
		one := SentSetOf(&late[i])
		one.Overdue = true
		all.Overdue = append(all.Overdue, one)
	}
	return all, err
}

// OutboxSets lists the newest sets that lie in the outbox or are about to.
func (d *Desk) OutboxSets(ctx context.Context) ([]SentSet, error) {
	return d.newestSets(ctx, false, ledger.Planned, ledger.Published)
}

// newestSets are the newest sets of states, each state read by its own index.
func (d *Desk) newestSets(ctx context.Context, orders bool, states ...ledger.SetState) (list []SentSet, err error) {
	for _, state := range states {
		sets, err := d.Ledger.Sets(ctx, ledger.SetFilter{States: []ledger.SetState{state}, NoOrders: !orders, Newest: true, Limit: mostSets})
		if err != nil {
			return nil, err
		}
		for i := range sets {
			list = append(list, SentSetOf(&sets[i]))
		}
	}
	slices.SortStableFunc(list, func(a, b SentSet) int {
		if planned := a.Published.IsZero(); planned != b.Published.IsZero() {
			return map[bool]int{true: -1, false: 1}[planned]
		}
		return b.Published.Compare(a.Published)
	})
	return list[:min(len(list), mostSets)], nil
}

// overdueSets are sets that 1C should have answered by now, of each route the oldest first.
func (d *Desk) overdueSets(ctx context.Context, now time.Time) (list []ledger.Set, err error) {
	for i := range d.Routes {
		if d.Routes[i].AckWithin <= 0 {
			continue
		}
		late, err := d.Ledger.Overdue(ctx, d.Routes[i].Name, now.Add(-d.Routes[i].AckWithin), mostSets)
		if err != nil {
			return nil, err
		}
		list = append(list, late...)
	}
	return list, nil
}

// SentSetOf returns a set of the ledger as a result.
func SentSetOf(s *ledger.Set) SentSet {
	one := SentSet{
		Stem: s.Stem, Route: s.Route, Account: s.Account, State: string(s.State), Published: s.Published, Changed: s.Changed, Text: s.Text, Orders: len(s.Orders),
	}
	for i := range s.Outputs {
		if o := &s.Outputs[i]; !o.Message() {
			one.Files = append(one.Files, SentFile{o.Name, o.Layout, o.Size})
		}
	}
	for i := range s.Orders {
		if m := &s.Orders[i]; m.State == ledger.Failed {
			one.Refused = append(one.Refused, RefusedOrder{m.Order, m.Text})
		}
	}
	return one
}
