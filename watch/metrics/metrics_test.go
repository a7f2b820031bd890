package metrics_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/inbox"
	"obmen/watch/metrics"
	"obmen/watch/outbox"
)

// exchange is an exchange with one route whose watcher has written its status.
func exchange(t *testing.T, status string) *metrics.Metrics {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, watch.StatusFile), []byte(status), 0o600); err != nil {
		t.Fatal(err)
	}
	routes := []inbox.Route{{Name: "main", Places: inbox.Places{Inbox: dir, Outbox: dir, Archive: dir, Quarantine: filepath.Join(dir, "quarantine"), Ack: dir}}}
	book, err := desk.OpenLedger(t.Context(), dir, routes, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	return metrics.New(metrics.Sources{
		Desk: &desk.Desk{State: dir, Routes: routes, Ledger: book}, Version: "1.0", Started: time.Now(), Token: "let-me-in",
		Fetches: func() []metrics.Fetch {
			return []metrics.Fetch{{Account: "eu", Every: time.Hour, Success: time.Now(), SecretAgeDays: 12}}
		},
		NotifyFailed: func() int64 { return 3 },
	})
}

const (
	fine  = `{"written":"2030-01-01T00:00:00Z","routes":[{"name":"main"}]}`
	waits = `{"written":"2030-01-01T00:00:00Z","routes":[{"name":"main","waiting":"folder inbox of anna@example.com is away","code":"share-lost"}]}`
)

func get(t *testing.T, m *metrics.Metrics, path string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8270"+path, nil)
	r.RemoteAddr = "127.0.0.1:40000"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	m.Mount(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") })).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestMetrics(t *testing.T) {
	m := exchange(t, fine)
	m.Count(watch.Event{Kind: watch.Quarantined, Route: "main"})
	m.Count(watch.Event{Kind: watch.Converted, Route: "main", Result: &outbox.Result{Summary: convert.Summary{Exported: 4, Held: 2}}})
	m.Took(watch.Round, time.Second)
	m.Took(watch.Conversion, time.Second)
	m.Throttled("eu")
	_, text := get(t, m, "/metrics")
	for _, want := range []string{
		`obmen_files_total{result="refused"} 1`, `obmen_files_total{result="converted"} 1`,
		`obmen_orders_total{result="exported",route="main"} 4`, `obmen_orders_total{result="held",route="main"} 2`,
		`obmen_cycle_seconds_count 1`, `obmen_convert_seconds_count 1`, `obmen_oldest_unacked_seconds 0`, `obmen_oldest_inbox_seconds{route="main"} 0`,
		`obmen_secret_age_seconds{account="eu"} 1.0368e+06`, `obmen_fetch_last_success_timestamp_seconds{account="eu"} `, `obmen_free_bytes{folder=`,
		`obmen_folder_connected{route="main"} 1`, `obmen_ledger_bytes `, `obmen_notify_failed_total 3`, `obmen_fetch_throttled_total{account="eu"} 1`, `obmen_build_info{go=`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestAFolderThatIsAwayShows(t *testing.T) {
	m := exchange(t, waits)
	_, text := get(t, m, "/metrics")
	for _, want := range []string{`obmen_folder_connected{route="main"} 0`, `obmen_route_waits{cause="share-lost",route="main"} 1`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
	if code, text := get(t, m, "/-/ready"); code != http.StatusServiceUnavailable || text != "main takes no files: share-lost\n" {
		t.Errorf("%d %q", code, text)
	}
	if code, _ := get(t, m, "/-/healthy"); code != http.StatusOK {
		t.Errorf("healthy: %d", code)
	}
}

func TestReady(t *testing.T) {
	if code, text := get(t, exchange(t, fine), "/-/ready"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("%d %q", code, text)
	}
}

// Sums of money are nobody else's business.
func TestOnlyThisMachineReadsMetrics(t *testing.T) {
	m := exchange(t, fine)
	token := func(r *http.Request) { r.Header.Set("Authorization", "Bearer let-me-in") }
	far := func(r *http.Request) { r.RemoteAddr = "192.0.2.1:40000" }
	for name, tt := range map[string]struct {
		change []func(*http.Request)
		want   int
	}{
		"here":                  {nil, 200},
		"elsewhere":             {[]func(*http.Request){far}, 403},
		"elsewhere, with token": {[]func(*http.Request){far, token}, 200},
		"wrong token":           {[]func(*http.Request){func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }}, 403},
		"through a proxy":       {[]func(*http.Request){func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }}, 403},
		"under another name":    {[]func(*http.Request){func(r *http.Request) { r.Host = "evil.example.com" }}, 403},
		"IPv6":                  {[]func(*http.Request){func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:4000", "[::1]:8270" }}, 200},
	} {
		if code, _ := get(t, m, "/metrics", tt.change...); code != tt.want {
			t.Errorf("%s: %d, want %d", name, code, tt.want)
		}
	}
	if _, text := get(t, m, "/held"); text != "the page" {
		t.Errorf("the page answers %q", text)
	}
}

// Prometheus' own linter has nothing to say.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("missing: promtool (Debian: prometheus); skipped: linting the metrics")
	}
	_, text := get(t, exchange(t, waits), "/metrics")
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := exec.Command(promtool, "check", "rules", "../../samples/monitoring/alerts.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The dashboard and the alerts ask for metrics that there are.
func TestSamplesNameMetricsThatThereAre(t *testing.T) {
	m := exchange(t, waits)
	m.Count(watch.Event{Kind: watch.Converted, Route: "main", Result: &outbox.Result{}})
	_, text := get(t, m, "/metrics")
	for _, extra := range []string{"obmen_orders_held", "obmen_order_amount_sum", "obmen_site_queue"} { // none in an empty exchange
		text += "\n" + extra
	}
	for _, name := range []string{"alerts.yml", "grafana.json"} {
		sample, err := os.ReadFile("../../samples/monitoring/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range regexp.MustCompile(`\bobmen_\w+`).FindAllString(string(sample), -1) {
			if !strings.Contains(text, metric) {
				t.Errorf("%s asks for %s, which there is not", name, metric)
			}
		}
	}
}
