package source

import (
	"context"
	"io"
	"slices"

	"obmen/convert/source/flatfile"
	"obmen/convert/source/input"
)

// runIndex remembers which orders of a report come in more than one run of rows. A first pass over the
// file adds every run; afterwards only the scattered orders are kept. It costs 8 bytes a run while it
// grows, spread over buckets so that growing copies little, and nothing for a report whose rows lie
// together. Orders are known by a 64-bit hash: two orders with one hash only wait for each other.
type runIndex struct {
	buckets [256][]uint64
}

func (x *runIndex) addRun(hash uint64) {
	b := &x.buckets[hash>>56]
	*b = append(*b, hash)
}

// scatteredRuns counts the runs of every order that has more than one, and forgets the others.
func (x *runIndex) scatteredRuns() map[uint64]int {
	runs := map[uint64]int{}
	for i, b := range x.buckets {
		slices.Sort(b)
		for j := 1; j < len(b); j++ {
			if b[j] == b[j-1] {
				runs[b[j]] = max(runs[b[j]], 1) + 1
			}
		}
		x.buckets[i] = nil
	}
	return runs
}

// hashID is FNV-1a.
func hashID(id []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range id {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// hashIn is hashID of an order in one of several reports that were joined.
func hashIn(section int, id []byte) uint64 {
	return hashID(id) ^ uint64(section)*0x9e3779b97f4a7c15
}

// indexRuns is the first pass over a report.
func indexRuns(ctx context.Context, in input.Input, cs input.Charset, rep *report) (map[uint64]int, error) {
	t, err := flatfile.OpenTable(in, cs)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	id := t.Column(rep.id)
	var x runIndex
	var last []byte
	section := 0
	for n := 0; ; n++ {
		if err := checkInterrupt(ctx, in.Name, n); err != nil {
			return nil, err
		}
		r, err := t.NextHead(id)
		if err == io.EOF {
			return x.scatteredRuns(), nil
		}
		if err != nil {
			return nil, err
		}
		if t.Section != section {
			section, id, last = t.Section, t.Column(rep.id), nil
		}
		if order, err := orderIDOf(r, id); err == nil && string(order) != string(last) {
			last = append(last[:0], order...)
			x.addRun(hashIn(section, order))
		}
	}
}
