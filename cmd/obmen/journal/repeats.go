package journal

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// repeatPause is how long a warning stays quiet after it was told; then it is told again, with the number of
// times that it came.
const repeatPause = time.Hour

// mostRepeats bounds the warnings that are remembered.
const mostRepeats = 1000

// repeats passes a warning on once, and counts it afterwards. What is no warning always passes.
type repeats struct {
	next  slog.Handler
	attrs string // of WithAttrs: a part of what makes records the same

	shared *repeated
}

type repeated struct {
	mu   sync.Mutex
	seen map[string]repeat
}

type repeat struct {
	told  time.Time
	count int // since then
}

type alwaysTold struct{}

// AlwaysTold returns a context for records that are never held back as repeated: who logs them knows that they are new.
func AlwaysTold(ctx context.Context) context.Context {
	return context.WithValue(ctx, alwaysTold{}, true)
}

func newRepeats(next slog.Handler) slog.Handler {
	return &repeats{next: next, shared: &repeated{seen: map[string]repeat{}}}
}

func (h *repeats) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *repeats) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	for _, a := range attrs {
		b.WriteString(a.String() + "\x00")
	}
	return &repeats{h.next.WithAttrs(attrs), h.attrs + b.String(), h.shared}
}

func (h *repeats) WithGroup(name string) slog.Handler {
	return &repeats{h.next.WithGroup(name), h.attrs + name + "\x00", h.shared}
}

func (h *repeats) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn || ctx.Value(alwaysTold{}) != nil {
		return h.next.Handle(ctx, r)
	}
	times, tell := h.shared.note(h.attrs+keyOf(r), r.Time)
	if !tell {
		return nil
	}
	if times > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("repeated", times))
	}
	return h.next.Handle(ctx, r)
}

// note reports whether a record is to be told, and how often it came since it was told last.
func (s *repeated) note(key string, now time.Time) (times int, tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, known := s.seen[key]
	if known && now.Sub(before.told) < repeatPause {
		before.count++
		s.seen[key] = before
		return 0, false
	}
	if len(s.seen) >= mostRepeats {
		clear(s.seen)
	}
	s.seen[key] = repeat{told: now}
	return before.count, true
}

// keyOf returns the part that makes two records the same: the message and what it is about. The next step may count tries.
func keyOf(r slog.Record) string {
	var b strings.Builder
	b.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != Hint {
			b.WriteString("\x00" + a.String())
		}
		return true
	})
	return b.String()
}
