package desk

import (
	"context"
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
	Waiting []SentSet // in the outbox or taken, not answered; the newest first
	Loaded  []SentSet // the newest first
}

// mostSets bounds each list of sets.
const mostSets = 100

// SentSets lists what went to 1C and what it said.
func (d *Desk) SentSets(ctx context.Context, now time.Time) (*SentSets, error) {
	all := &SentSets{}
	for _, part := range []struct {
		into   *[]SentSet
		filter ledger.SetFilter
	}{
		{&all.Failed, ledger.SetFilter{States: []ledger.SetState{ledger.Failed}}},
		{&all.Waiting, ledger.SetFilter{States: []ledger.SetState{ledger.Planned, ledger.Published, ledger.Taken}, NoOrders: true}},
		{&all.Loaded, ledger.SetFilter{States: []ledger.SetState{ledger.Loaded}, NoOrders: true}},
	} {
		part.filter.Newest, part.filter.Limit = true, mostSets
		sets, err := d.Ledger.Sets(ctx, part.filter)
		if err != nil {
			return nil, err
		}
		for i := range sets {
			*part.into = append(*part.into, SentSetOf(&sets[i]))
		}
	}
	late, err := d.overdueSets(ctx, now)
	for i := range late[:min(len(late), mostSets)] {
		one := SentSetOf(&late[i])
		one.Overdue = true
		all.Overdue = append(all.Overdue, one)
	}
	return all, err
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
