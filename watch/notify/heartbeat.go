package notify

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// heartbeatTimeout bounds one call, for a dead monitor must hold nothing up.
const heartbeatTimeout = 10 * time.Second

// Heartbeat calls an address while all is well, so that a monitor notices silence. When something
// critical is wrong it calls the address with /fail, as healthchecks.io and its kind expect.
type Heartbeat struct {
	URL    string
	Client *http.Client
}

// Beat reports one round of work.
func (h Heartbeat) Beat(ctx context.Context, healthy bool) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	address := h.URL
	if !healthy {
		address += "/fail"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", redact(err, h.URL))
	}
	answer, err := h.Client.Do(r)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", redact(err, h.URL))
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("heartbeat: the monitor answered %s", answer.Status)
	}
	return nil
}
