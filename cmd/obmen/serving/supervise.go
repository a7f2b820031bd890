package serving

import (
	"context"
	"strings"
	"time"

	"obmen/watch"
	"obmen/watch/service"
)

// statusEvery is how often `systemctl status` gets a new line where no watchdog asks for more.
const statusEvery = 15 * time.Second

// superviseWatch tells systemd that the watcher has started, how it is doing, and that it lives; the
// function it returns tells that it ends, or that it starts again in place. A watcher that hangs ends the program itself, so the watchdog is
// for a process that does not turn at all. What systemd does not take stops nothing.
func superviseWatch(ctx context.Context, s service.Supervisor, state string, again func() bool) (end func()) {
	if s.Socket == "" {
		return func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	_ = s.Ready()
	go func() {
		defer close(done)
		every := time.NewTicker(supervisedEvery(s.Watchdog))
		defer every.Stop()
		for {
			_ = s.Alive()
			_ = s.Status(supervisedStatus(state))
			select {
			case <-ctx.Done():
				if again() {
					_ = s.Reloading()
				} else {
					_ = s.Stopping()
				}
				return
			case <-every.C:
			}
		}
	}()
	return func() {
		stop()
		<-done
	}
}

// supervisedEvery is half of the watchdog's time, as sd_watchdog_enabled(3) advises.
func supervisedEvery(watchdog time.Duration) time.Duration {
	if watchdog > 0 {
		return min(watchdog/2, statusEvery)
	}
	return statusEvery
}

// supervisedStatus is the line of `systemctl status`: which routes wait, and why.
func supervisedStatus(state string) string {
	status, err := watch.ReadStatus(state)
	if err != nil {
		return "running"
	}
	var waits []string
	for _, r := range status.Routes {
		if r.Waiting != "" {
			waits = append(waits, r.Name+": "+r.Waiting)
		}
	}
	if len(waits) == 0 {
		return "running"
	}
	return "waiting: " + strings.Join(waits, "; ")
}
