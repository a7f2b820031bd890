package serving

import (
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/setup"
	"obmen/watch/ledger"
	"obmen/watch/metrics"
)

// newMetrics collects the figures that monitors read of a watcher.
func newMetrics(cfg *config.Config, book *ledger.Ledger, a *alerts) *metrics.Metrics {
	return metrics.New(metrics.Sources{
		Desk: setup.NewDesk(cfg, book), Version: setup.Version, Started: time.Now(), Poll: cfg.Watch.Poll, Token: config.MetricsToken(),
		Fetches:      func() []metrics.Fetch { return fetchesOfMonitors(cfg, time.Now()) },
		NotifyFailed: a.failed.Load,
	})
}

// fetchesOfMonitors is how the accounts stand that are fetched.
func fetchesOfMonitors(cfg *config.Config, now time.Time) (list []metrics.Fetch) {
	for _, f := range cfg.Fetch {
		m := metrics.Fetch{Account: f.Account, Every: f.Every, SecretAgeDays: secrets.StatusOf(cfg, f.Account, now).AgeDays}
		if st, err := fetching.ReadStatus(fetching.Dir(cfg, f.Account)); err == nil && st.Error == "" {
			m.Success = st.Ended
		}
		list = append(list, m)
	}
	return list
}
