package metrics

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"obmen/watch"
)

// Mount returns a handler that answers monitors and hands everything else to next.
func (m *Metrics) Mount(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	figures := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if !m.mayRead(r) {
			http.Error(w, "only this machine reads the metrics, or who has the token of [metrics]", http.StatusForbidden)
			return
		}
		figures.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { answer(w, m.unhealthy(time.Now())) })
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, r *http.Request) { answer(w, m.unreadyReasons(r.Context(), time.Now())) })
	mux.Handle("/", next)
	return mux
}

// mayRead reports whether a request comes from this machine, under one of its own names and not through a proxy,
// or has the token.
func (m *Metrics) mayRead(r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && m.sources.Token != "" {
		return subtle.ConstantTimeCompare([]byte(given), []byte(m.sources.Token)) == 1
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && isThisMachine(r.Host)
}

// isThisMachine reports whether a Host header names this machine: a name that another's DNS points here
// does not.
func isThisMachine(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && address.IsLoopback()
}

// answer writes what is wrong, a line each.
func answer(w http.ResponseWriter, wrong []string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if len(wrong) == 0 {
		fmt.Fprintln(w, "ok")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	fmt.Fprintln(w, strings.Join(wrong, "\n"))
}

// A watcher that has written nothing for this long does not turn. A round may be long, of a file of a gigabyte.
const stillAlive = 15 * time.Minute

// unhealthy lists why the process should be started again.
func (m *Metrics) unhealthy(now time.Time) []string {
	live, _ := watch.ReadStatus(m.sources.Desk.State) // one that cannot be read has no time
	return m.staleReasons(&live, now)
}

// staleReasons lists what a status that is too old means.
func (m *Metrics) staleReasons(live *watch.Status, now time.Time) []string {
	last := m.sources.Started
	if live.Written.After(last) {
		last = live.Written
	}
	if now.Sub(last) > stillAlive+m.sources.Poll {
		return []string{"the watcher does not turn"}
	}
	return nil
}

// lateFetches is how many times its interval an account may be without a run.
const lateFetches = 3

// unreadyReasons lists why orders do not get through. Names of routes and accounts are all that it tells.
func (m *Metrics) unreadyReasons(ctx context.Context, now time.Time) (wrong []string) {
	live, err := watch.ReadStatus(m.sources.Desk.State)
	wrong = m.staleReasons(&live, now)
	if _, err := m.sources.Desk.Ledger.Stats(ctx); err != nil {
		wrong = append(wrong, "the ledger cannot be read")
	}
	if err != nil {
		wrong = append(wrong, "the state folder cannot be read")
	}
	for _, r := range live.Routes {
		if r.Waiting != "" {
			cause := r.Code
			if cause == "" {
				cause = "failure"
			}
			wrong = append(wrong, r.Name+" takes no files: "+cause)
		}
	}
	for _, f := range m.sources.Fetches() {
		since := f.Success
		if since.Before(m.sources.Started) {
			since = m.sources.Started
		}
		if f.Every > 0 && now.Sub(since) > lateFetches*f.Every {
			wrong = append(wrong, f.Account+" was not fetched for too long")
		}
	}
	return wrong
}
