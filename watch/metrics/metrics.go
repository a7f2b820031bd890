// Package metrics answers monitors: /metrics in the text format of Prometheus, /-/healthy and /-/ready. The page's
// listener serves it. No label has an order number, an SKU or a buyer.
package metrics

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/folder"
	"obmen/watch/ledger"
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

// The gauges that are measured when a monitor asks.
var (
	heldDesc      = describe("obmen_orders_held", "Orders that are held, by code.", "code")
	sumDesc       = describe("obmen_order_amount_sum", "Sums of the orders exported since midnight, and of those that are held.", "account", "currency", "kind")
	unackedDesc   = describe("obmen_oldest_unacked_seconds", "Age of the oldest exchange file that 1C has not answered.")
	inboxDesc     = describe("obmen_oldest_inbox_seconds", "Age of the oldest file that waits in the inbox.", "route")
	fetchDesc     = describe("obmen_fetch_last_success_timestamp_seconds", "When the orders of an account were fetched last without an error.", "account")
	secretDesc    = describe("obmen_secret_age_seconds", "Age of the client secret of an account; Amazon refuses it after 180 days.", "account")
	freeDesc      = describe("obmen_free_bytes", "Free space of the volume of a folder.", "folder")
	connectedDesc = describe("obmen_folder_connected", "Whether a route's folders are there and the right ones.", "route")
	waitsDesc     = describe("obmen_route_waits", "Whether a route takes no files, by cause.", "route", "cause")
	ledgerDesc    = describe("obmen_ledger_bytes", "Size of the ledger.")
	notifyDesc    = prometheus.NewDesc("obmen_notify_failed_total", "Deliveries of alerts that failed.", nil, nil)
	siteDesc      = describe("obmen_site_queue", "Orders that wait for 1C to fetch them.", "account")
	buildDesc     = describe("obmen_build_info", "The version that runs; always 1.", "version", "go")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// gauges measures when it is asked.
type gauges struct{ m *Metrics }

// Describe names everything that can come.
func (g *gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		heldDesc, sumDesc, unackedDesc, inboxDesc, fetchDesc, secretDesc, freeDesc, connectedDesc, waitsDesc, ledgerDesc, notifyDesc, siteDesc, buildDesc,
	} {
		out <- d
	}
}

// collectTime bounds the queries of one scrape: Prometheus gives up after ten seconds.
const collectTime = 8 * time.Second

// Collect measures.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTime)
	defer cancel()
	s, now := &g.m.sources, time.Now()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(buildDesc, 1, s.Version, runtime.Version())
	out <- prometheus.MustNewConstMetric(notifyDesc, prometheus.CounterValue, float64(s.NotifyFailed()))
	g.ledger(ctx, now, gauge)
	for _, sum := range g.m.daySums(ctx, now) {
		gauge(sumDesc, number(sum.Total.String()), sum.Account, sum.Currency, sum.kind)
	}
	for _, f := range s.Fetches() {
		if !f.Success.IsZero() {
			gauge(fetchDesc, float64(f.Success.Unix()), f.Account)
		}
		if f.SecretAgeDays > 0 {
			gauge(secretDesc, float64(f.SecretAgeDays)*24*60*60, f.Account)
		}
	}
	g.routes(now, gauge)
}

type setGauge func(d *prometheus.Desc, value float64, labels ...string)

// ledger measures what the ledger knows.
func (g *gauges) ledger(ctx context.Context, now time.Time, gauge setGauge) {
	book := g.m.sources.Desk.Ledger
	stats, err := book.Stats(ctx)
	if err != nil {
		return // shows in /-/ready
	}
	for code, n := range stats.Holds {
		gauge(heldDesc, float64(n), code)
	}
	gauge(ledgerDesc, float64(stats.Bytes))
	gauge(unackedDesc, age(now, stats.Waiting))
	states, err := book.SiteStates(ctx)
	if err != nil {
		return
	}
	for _, state := range states {
		gauge(siteDesc, float64(state.Waiting), strings.TrimPrefix(state.Exchange, ledger.SitePrefix))
	}
}

// routes measures folders. Those that the watcher found away are not touched: a share that hangs would keep the
// monitor waiting.
func (g *gauges) routes(now time.Time, gauge setGauge) {
	d := g.m.sources.Desk
	live, err := watch.ReadStatus(d.State)
	if err != nil {
		return
	}
	away := map[string]bool{}
	for _, r := range live.Routes {
		away[r.Name] = r.Code == folder.Disconnected
		gauge(connectedDesc, flag(r.Code != folder.Disconnected), r.Name)
		for _, cause := range []string{folder.Disconnected, folder.NoSpace, folder.OutboxFull, folder.NoRights, folder.StoreLost} {
			gauge(waitsDesc, flag(r.Code == cause), r.Name, cause)
		}
		gauge(waitsDesc, flag(r.Code == "" && r.Waiting != ""), r.Name, "failure")
	}
	measured := map[string]bool{}
	measure := func(dir string) {
		if measured[dir] {
			return
		}
		measured[dir] = true
		if free, err := folder.FreeSpace(dir); err == nil {
			gauge(freeDesc, float64(free), dir)
		}
	}
	measure(d.State)
	for i := range d.Routes {
		r := &d.Routes[i]
		if away[r.Name] {
			continue
		}
		measure(r.Outbox)
		measure(r.Inbox)
	}
	for _, r := range live.Routes {
		gauge(inboxDesc, g.oldestFile(now, r), r.Name)
	}
}

// oldestFile is the age of the oldest file that waits, in seconds; 0 without one.
func (g *gauges) oldestFile(now time.Time, r watch.RouteStatus) (oldest float64) {
	if r.Code == folder.Disconnected {
		return 0
	}
	for i := range g.m.sources.Desk.Routes {
		route := &g.m.sources.Desk.Routes[i]
		if route.Name != r.Name {
			continue
		}
		for _, f := range r.Files {
			if info, err := os.Stat(filepath.Join(route.Inbox, f.Path)); err == nil {
				oldest = max(oldest, age(now, info.ModTime()))
			}
		}
	}
	return oldest
}

// age is the time since a moment in seconds; 0 when there is none.
func age(now, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since).Seconds())
}

func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// number is an exact decimal as monitors have numbers: for charts, not for books.
func number(text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return f
}
