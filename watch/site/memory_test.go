package site_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"obmen/watch/site"
	"obmen/watch/site/cml"
)

// memory is a queue without a disk.
type memory struct {
	mu      sync.Mutex
	waiting []waiting // oldest first
	refused map[string]string
	answers []cml.Order
	failing error // of every call
}

type waiting struct {
	site.Order
	revision int
}

func newMemory(n int) *memory {
	m := &memory{refused: map[string]string{}}
	for i := range n {
		m.put(fmt.Sprintf("%06d", i+1), 1)
	}
	return m
}

// put adds a revision of an order.
func (m *memory) put(number string, revision int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting = append(m.waiting, waiting{site.Order{Key: fmt.Sprintf("%s/%d", number, revision), Number: number}, revision})
}

func (m *memory) Next(_ context.Context, _ string, want site.Want) (list []site.Order, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit, most := 0, want.Most
	superseded := func(w *waiting) bool {
		return slices.ContainsFunc(m.waiting, func(o waiting) bool { return o.Number == w.Number && o.revision > w.revision })
	}
	for i := range m.waiting {
		if superseded(&m.waiting[i]) {
			continue
		}
		if l := m.waiting[i].Doubt.Limit; want.Doubted && l > 0 && (limit == 0 || l < limit) {
			limit = l
		}
	}
	if want.Doubted {
		if limit == 0 {
			return nil, nil
		}
		most = min(most, limit)
	}
	for i := range m.waiting {
		if w := &m.waiting[i]; w.Doubt.Limit == limit && !superseded(w) && len(list) < most {
			list = append(list, w.Order)
		}
	}
	return list, m.failing
}

func (m *memory) Write(_ context.Context, to io.Writer, _ string, orders []site.Order) error {
	fmt.Fprint(to, "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<КоммерческаяИнформация ВерсияСхемы=\"2.10\">")
	for _, o := range orders {
		if o.Number == "unwritable" {
			return &site.OrderError{Key: o.Key, Err: fmt.Errorf("a field has no value")}
		}
		fmt.Fprintf(to, "<Документ><Ид>id-%s</Ид><Номер>%s</Номер><Валюта>RUB</Валюта><ХозОперация>Заказ товара</ХозОперация></Документ>", o.Number, o.Number)
	}
	_, err := fmt.Fprint(to, "</КоммерческаяИнформация>")
	return err
}

func (m *memory) Confirm(_ context.Context, _ string, orders []site.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range orders {
		m.drop(o)
	}
	return m.failing
}

// drop removes a revision and those before it.
func (m *memory) drop(o site.Order) {
	i := slices.IndexFunc(m.waiting, func(w waiting) bool { return w.Key == o.Key })
	revision := m.waiting[i].revision
	m.waiting = slices.DeleteFunc(m.waiting, func(w waiting) bool { return w.Number == o.Number && w.revision <= revision })
}

func (m *memory) Suspect(_ context.Context, _ string, orders []site.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range orders {
		if i := slices.IndexFunc(m.waiting, func(w waiting) bool { return w.Key == o.Key }); i >= 0 {
			m.waiting[i].Doubt = o.Doubt
		}
	}
	return m.failing
}

func (m *memory) Refuse(_ context.Context, _ string, o site.Order, why string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[o.Number] = why
	m.drop(o)
	return m.failing
}

func (m *memory) Answer(_ context.Context, _ string, orders []cml.Order) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failing != nil {
		return m.failing
	}
	m.answers = append(m.answers, orders...)
	return nil
}

func (m *memory) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.waiting)
}
