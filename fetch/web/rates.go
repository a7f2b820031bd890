package web

import (
	"context"
	"sync"
	"time"
)

// Limit is a rate: a bucket that holds Burst requests and refills at Rate.
type Limit struct {
	Rate  float64 // requests per second
	Burst int     // requests at once after a rest
}

// RateStore keeps the buckets of all accounts, between runs and between programs.
type RateStore interface {
	// UpdateRate replaces the text under key ("" when there is none) by what change makes of it, as one
	// step that no other can come between. change has no side effects and may be called more than once.
	UpdateRate(ctx context.Context, key string, change func(old string) string) error
}

// MemoryRates is a RateStore for as long as the program runs. The zero value is ready.
type MemoryRates struct {
	mu   sync.Mutex
	text map[string]string
}

var _ RateStore = (*MemoryRates)(nil)

// UpdateRate is that of RateStore.
func (m *MemoryRates) UpdateRate(_ context.Context, key string, change func(string) string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.text == nil {
		m.text = map[string]string{}
	}
	m.text[key] = change(m.text[key])
	return nil
}

// ChangeBucket changes the bucket that a store keeps under a key.
func ChangeBucket(ctx context.Context, store RateStore, key string, l Limit, change func(Bucket, time.Time) Bucket) error {
	return store.UpdateRate(ctx, key, func(old string) string {
		now := time.Now().Round(0) // without the monotonic reading: the text outlives the process
		b, ok := ParseBucket(old)
		if !ok && old != "" {
			b = Bucket{}.Drain(now, l) // the worst that an unreadable text can have meant
		}
		return change(b, now).String()
	})
}
