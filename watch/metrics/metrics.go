// Package metrics answers monitors: /metrics in the text format of Prometheus, /-/healthy and /-/ready. The page's
// listener serves it. No label has an order number, an SKU or a buyer.
package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"obmen/watch"
	"obmen/watch/desk"
)

// Fetch is how an account stands whose orders are fetched.
type Fetch struct {
	Account       string
	Every         time.Duration // 0: not on a schedule
	Success       time.Time     // the last run without an error; zero when there was none
	SecretAgeDays int           // 0 when not known
}

// Sources are where the figures come from.
type Sources struct {
	Desk         *desk.Desk
	Version      string
	Started      time.Time     // of the watcher
	Poll         time.Duration // between two looks at an inbox
	Fetches      func() []Fetch
	NotifyFailed func() int64 // deliveries of alerts that failed
	Token        string       // what others than this machine need to read /metrics; empty: they may not
}

// Metrics counts what the watcher reports and measures the rest when it is asked.
type Metrics struct {
	sources  Sources
	registry *prometheus.Registry

	files, orders, throttled *prometheus.CounterVec
	cycle, conversion        prometheus.Histogram

	mu    sync.Mutex
	sums  []daySum  // what is costly to measure
	taken time.Time // when sums was
}

// New returns metrics without any counts.
func New(sources Sources) *Metrics {
	m := &Metrics{sources: sources, registry: prometheus.NewRegistry()}
	m.files = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "obmen_files_total", Help: "Dropped files by what came of them."}, []string{"result"})
	m.orders = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "obmen_orders_total", Help: "Orders of converted files by what came of them; a held order counts each time it is tried."}, []string{"result", "route"})
	m.throttled = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "obmen_fetch_throttled_total", Help: "Requests that a marketplace or shop refused because there were too many."}, []string{"account"})
	m.cycle = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "obmen_cycle_seconds", Help: "Duration of a round of a route.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 10)})
	m.conversion = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "obmen_convert_seconds", Help: "Duration of a conversion of one or more files.", Buckets: prometheus.ExponentialBuckets(0.01, 4, 9)})
	for _, result := range []string{"converted", "repeated", "refused"} {
		m.files.WithLabelValues(result)
	}
	for _, f := range sources.Fetches() {
		m.throttled.WithLabelValues(f.Account)
	}
	m.registry.MustRegister(m.files, m.orders, m.throttled, m.cycle, m.conversion, &gauges{m}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Took notes how long a part of the watcher's work took.
func (m *Metrics) Took(what watch.Measured, d time.Duration) {
	switch what {
	case watch.Round:
		m.cycle.Observe(d.Seconds())
	case watch.Conversion:
		m.conversion.Observe(d.Seconds())
	}
}

// Throttled counts a request of an account that was refused because there were too many.
func (m *Metrics) Throttled(account string) { m.throttled.WithLabelValues(account).Inc() }

// Count takes in what the watcher reports.
func (m *Metrics) Count(e watch.Event) {
	switch e.Kind {
	case watch.Converted:
		m.files.WithLabelValues("converted").Inc()
	case watch.Repeated:
		m.files.WithLabelValues("repeated").Inc()
	case watch.Quarantined:
		m.files.WithLabelValues("refused").Inc()
	}
	if e.Result == nil {
		return
	}
	sum := &e.Result.Summary
	skipped := 0
	for _, n := range sum.Rules {
		skipped += n
	}
	for result, n := range map[string]int{"exported": sum.Exported, "held": sum.Held, "skipped": skipped} {
		m.orders.WithLabelValues(result, e.Route).Add(float64(n))
	}
}

type daySum struct {
	desk.Sum
	kind string // exported or held
}

// sumsEvery is how long the sums of the day count: they read every order of the day.
const sumsEvery = time.Minute

// daySums are the sums of the day and of what is held.
func (m *Metrics) daySums(ctx context.Context, now time.Time) []daySum {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.taken.IsZero() && now.Sub(m.taken) < sumsEvery {
		return m.sums
	}
	m.taken, m.sums = now, nil
	year, month, day := now.Date()
	exported, _ := m.sources.Desk.ExportedSince(ctx, time.Date(year, month, day, 0, 0, 0, 0, now.Location())) // a ledger that fails shows in /-/ready
	held, _ := m.sources.Desk.HeldSums(ctx)
	for _, s := range exported {
		m.sums = append(m.sums, daySum{s, "exported"})
	}
	for _, s := range held {
		m.sums = append(m.sums, daySum{s, "held"})
	}
	return m.sums
}
