package spapi

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// bucket is a token bucket written as one instant: when it will be full again if nobody takes from it.
// It needs no float and no ticking, and its text is the same for whoever reads it later.
type bucket struct {
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

// toldInterval reads x-amzn-RateLimit-Limit, which is best effort and may be anything (facts, amazon 2.5).
func toldInterval(header string) (time.Duration, bool) {
	rate, err := strconv.ParseFloat(strings.TrimSpace(header), 64)
	if err != nil || !(rate >= 1/slowest.Seconds()) || rate > 1/fastest.Seconds() {
		return 0, false
	}
	return rateInterval(rate), true
}

// refillStep is the time between two requests under the limit, or as Amazon told.
func (b bucket) refillStep(l Limit) time.Duration {
	if b.every > 0 {
		return b.every
	}
	return rateInterval(l.Rate)
}

// takeRequest takes one request out, or says how long to wait. from is the instant from which the request is
// counted.
func (b bucket) takeRequest(now time.Time, l Limit) (after bucket, from time.Time, wait time.Duration) {
	step := b.refillStep(l)
	capacity := time.Duration(l.Burst) * step
	from = b.full
	if from.Before(now) {
		from = now
	}
	// Emptier than empty: the clock was set back, or the burst was once larger. What is kept must change
	// as well, or the wait would begin anew with each look.
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

// noteAnswer corrects a request that was taken out from an instant on: Amazon counts it when it arrives, which
// at the latest was when its answer came. Without this the last requests of a burst would come too early by
// the time that the first was on its way.
func (b bucket) noteAnswer(from, answered time.Time) bucket {
	if late := answered.Sub(from); late > 0 {
		b.full = b.full.Add(late)
	}
	return b
}

// drain is the bucket after Amazon said that it is empty.
func (b bucket) drain(now time.Time, l Limit) bucket {
	b.full = now.Add(time.Duration(l.Burst) * b.refillStep(l))
	return b
}

// learnRate keeps what is in the bucket and refills it at another pace.
func (b bucket) learnRate(now time.Time, l Limit, every time.Duration) bucket {
	old := b.refillStep(l)
	if lacking := b.full.Sub(now); lacking > 0 {
		b.full = now.Add(time.Duration(math.Ceil(float64(lacking) / float64(old) * float64(every))))
	}
	b.every = every
	return b
}

// String is what a RateStore keeps.
func (b bucket) String() string {
	return fmt.Sprintf(`{"full":%q,"every":%q}`, b.full.UTC().Format(time.RFC3339Nano), b.every)
}

// parseBucket reads what String wrote; false for anything else.
func parseBucket(text string) (b bucket, ok bool) {
	var full, every jsontext.Value
	if err := readMembers(jsontext.Value(text), map[string]*jsontext.Value{"full": &full, "every": &every}); err != nil {
		return b, false
	}
	at, err1 := time.Parse(time.RFC3339Nano, text1(full))
	step, err2 := time.ParseDuration(text1(every))
	if err1 != nil || err2 != nil || step != 0 && (step < fastest || step > slowest) {
		return b, false
	}
	return bucket{at, step}, true
}
