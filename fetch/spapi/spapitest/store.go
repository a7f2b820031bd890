package spapitest

import (
	"cmp"
	"container/heap"
	"iter"
	"slices"
	"sort"
	"time"
)

// entry is a state of an order under the time by which it is found.
type entry struct {
	ms     int64 // since 1970
	number int32 // of the Plan from 0 on; below 0 of those that were Put
	state  int8
}

func byTime(a, b entry) int {
	return cmp.Or(cmp.Compare(a.ms, b.ms), cmp.Compare(a.number, b.number), cmp.Compare(a.state, b.state))
}

// change is an entry that searches do not show yet.
type change struct {
	visible int64
	entry
}

type changes []change

func (c changes) Len() int           { return len(c) }
func (c changes) Less(i, j int) bool { return c[i].visible < c[j].visible }
func (c changes) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *changes) Push(x any)        { *c = append(*c, x.(change)) }
func (c *changes) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// store holds the orders and shows them as time goes by.
type store struct {
	plan    *Plan
	placed  int    // orders of the plan whose changes are known
	planned []int8 // the state that each of them shows, from 1 on; 0: not shown yet
	put     [][]Order
	numbers map[string]int
	shown   []int8 // as planned, of those that were Put
	soon    changes
	index   []entry // by the time of the last update; those of former states stay for a while
	former  int
}

// Plan makes the shop sell by a plan, beside what is Put.
func (a *Amazon) Plan(p Plan) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.store.plan = &p
	a.store.planned = make([]int8, p.Orders)
}

// Put gives the shop an order, or a later state of one that it has.
func (a *Amazon) Put(orders ...Order) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range orders {
		a.store.add(o.complete())
	}
}

func (s *store) add(o Order) {
	if s.numbers == nil {
		s.numbers = map[string]int{}
	}
	n, known := s.numbers[o.ID]
	if !known {
		n = len(s.put)
		s.numbers[o.ID] = n
		s.put, s.shown = append(s.put, nil), append(s.shown, 0)
	}
	s.put[n] = append(s.put[n], o)
	heap.Push(&s.soon, change{o.Visible.UnixMilli(), entry{o.Updated.UnixMilli(), int32(-n - 1), int8(len(s.put[n]))}})
}

// All are the orders as searches show them now.
func (a *Amazon) All() iter.Seq[Order] {
	return func(yield func(Order) bool) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.store.advance(a.now())
		for _, e := range a.store.index {
			if a.store.state(e.number) == e.state && !yield(a.store.order(e)) {
				return
			}
		}
	}
}

// advance shows what has become visible.
func (s *store) advance(now time.Time) {
	ms := now.UnixMilli()
	for s.plan != nil && s.placed < s.plan.Orders && !s.plan.created(s.placed).After(now) {
		for state := range s.plan.last() + 1 {
			heap.Push(&s.soon, change{
				s.plan.visible(s.placed, state).UnixMilli(),
				entry{s.plan.updated(s.placed, state).UnixMilli(), int32(s.placed), int8(state + 1)},
			})
		}
		s.placed++
	}
	for len(s.soon) > 0 && s.soon[0].visible <= ms {
		s.show(heap.Pop(&s.soon).(change).entry)
	}
	if s.former > len(s.index)/2 {
		s.index = slices.DeleteFunc(s.index, func(e entry) bool { return s.state(e.number) != e.state })
		s.former = 0
	}
}

// show puts a state in place of the one before; a late one that was overtaken is never seen.
func (s *store) show(e entry) {
	old := s.state(e.number)
	if old >= e.state {
		return
	}
	if old > 0 {
		s.former++
	}
	if e.number < 0 {
		s.shown[-e.number-1] = e.state
	} else {
		s.planned[e.number] = e.state
	}
	at, _ := slices.BinarySearchFunc(s.index, e, byTime)
	s.index = slices.Insert(s.index, at, e)
}

func (s *store) state(number int32) int8 {
	if number < 0 {
		return s.shown[-number-1]
	}
	return s.planned[number]
}

func (s *store) order(e entry) Order {
	if e.number < 0 {
		return s.put[-e.number-1][e.state-1]
	}
	return s.plan.order(int(e.number), int(e.state-1))
}

// find is an order by its id.
func (s *store) find(id string) (Order, bool) {
	if n, ok := s.numbers[id]; ok && s.shown[n] > 0 {
		return s.put[n][s.shown[n]-1], true
	}
	if s.plan == nil {
		return Order{}, false
	}
	n := sort.Search(s.placed, func(n int) bool { return s.plan.ID(n) >= id })
	if n == s.placed || s.plan.ID(n) != id || s.planned[n] == 0 {
		return Order{}, false
	}
	return s.plan.order(n, int(s.planned[n]-1)), true
}

// updatedFrom lists what is shown in the order of the last updates, from an entry on.
func (s *store) updatedFrom(from entry) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		at, _ := slices.BinarySearchFunc(s.index, from, byTime)
		for _, e := range s.index[at:] {
			if s.state(e.number) == e.state && !yield(e) {
				return
			}
		}
	}
}

// createdFrom lists what is shown in the order of creation, from an entry on.
func (s *store) createdFrom(from entry) iter.Seq[entry] {
	var put []entry
	for n, state := range s.shown {
		if e := (entry{s.put[n][0].Created.UnixMilli(), int32(-n - 1), state}); state > 0 && byTime(e, from) >= 0 {
			put = append(put, e)
		}
	}
	slices.SortFunc(put, byTime)
	planned := func(n int) entry {
		return entry{s.plan.created(n).UnixMilli(), int32(n), s.planned[n]}
	}
	return func(yield func(entry) bool) {
		for n := sort.Search(s.placed, func(n int) bool { return byTime(planned(n), from) >= 0 }); n < s.placed; n++ {
			e := planned(n)
			for len(put) > 0 && byTime(put[0], e) < 0 {
				if !yield(put[0]) {
					return
				}
				put = put[1:]
			}
			if e.state > 0 && !yield(e) {
				return
			}
		}
		for _, e := range put {
			if !yield(e) {
				return
			}
		}
	}
}
