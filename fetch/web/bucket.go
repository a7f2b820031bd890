package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bucket is a token bucket written as one instant: when it will be full again if nothing takes from it.
// It needs no float and no ticking, and its text is the same for whoever reads it later.
type Bucket struct {
	full  time.Time
	every time.Duration // between two requests, as Amazon last told; 0: as documented
}

// The bounds within which a rate that Amazon tells is believed.
const (
	fastest = time.Millisecond
	slowest = time.Hour
)

// rateInterval is the time between two requests, rounded up so that a rate is never exceeded.
func rateInterval(rate float64) time.Duration {
	return time.Duration(math.Ceil(float64(time.Second) / rate))
}

// StatedInterval reads x-amzn-RateLimit-Limit, which is best effort and may be anything.
func StatedInterval(header string) (time.Duration, bool) {
	rate, err := strconv.ParseFloat(strings.TrimSpace(header), 64)
	if err != nil || !(rate >= 1/slowest.Seconds()) || rate > 1/fastest.Seconds() {
		return 0, false
	}
	return rateInterval(rate), true
}

// RefillStep is the time between two requests under the limit, or as Amazon told.
func (b Bucket) RefillStep(l Limit) time.Duration {
	if b.every > 0 {
		return b.every
	}
	return rateInterval(l.Rate)
}

// TakeRequest takes one request out, or says how long to wait. from is the instant from which the request is
// counted.
func (b Bucket) TakeRequest(now time.Time, l Limit) (after Bucket, from time.Time, wait time.Duration) {
	step := b.RefillStep(l)
	capacity := time.Duration(l.Burst) * step
	from = b.full
	if from.Before(now) {
		from = now
	}
	// Emptier than empty: the clock was set back, or the burst was once larger. What is kept must change
	// as well, or the wait would start over with each look.
	if empty := now.Add(capacity); from.After(empty) {
		from, b.full = empty, empty
	}
	full := from.Add(step)
	if wait := full.Sub(now.Add(capacity)); wait > 0 {
		return b, from, wait
	}
	b.full = full
	return b, from, 0
}

// NoteAnswer corrects a request that was taken out from an instant on: Amazon counts it when it arrives, which
// at the latest was when its answer came. Without this the last requests of a burst would come too early by
// the time that the first was on its way.
func (b Bucket) NoteAnswer(from, answered time.Time) Bucket {
	if late := answered.Sub(from); late > 0 {
		b.full = b.full.Add(late)
	}
	return b
}

// Drain is the bucket after Amazon said that it is empty.
func (b Bucket) Drain(now time.Time, l Limit) Bucket {
	b.full = now.Add(time.Duration(l.Burst) * b.RefillStep(l))
	return b
}

// LearnRate keeps what is in the bucket and refills it at another pace.
func (b Bucket) LearnRate(now time.Time, l Limit, every time.Duration) Bucket {
	old := b.RefillStep(l)
	if lacking := b.full.Sub(now); lacking > 0 {
		b.full = now.Add(time.Duration(math.Ceil(float64(lacking) / float64(old) * float64(every))))
	}
	b.every = every
	return b
}

// String is what a RateStore keeps.
func (b Bucket) String() string {
	return fmt.Sprintf(`{"full":%q,"every":%q}`, b.full.UTC().Format(time.RFC3339Nano), b.every)
}

// ParseBucket reads what String wrote; false for anything else.
func ParseBucket(text string) (b Bucket, ok bool) {
	var kept struct{ Full, Every string }
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return b, false
	}
	at, err1 := time.Parse(time.RFC3339Nano, kept.Full)
	step, err2 := time.ParseDuration(kept.Every)
	if err1 != nil || err2 != nil || step != 0 && (step < fastest || step > slowest) {
		return b, false
	}
	return Bucket{at, step}, true
}

// WaitFor is how long n more requests wait in all.
func (b Bucket) WaitFor(n int, now time.Time, l Limit) time.Duration {
	lacking := max(0, min(b.full.Sub(now), time.Duration(l.Burst)*b.RefillStep(l)))
	return max(0, lacking+time.Duration(n-l.Burst)*b.RefillStep(l))
}

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
