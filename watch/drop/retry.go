package drop

import (
	"context"
	"math/rand/v2"
	"time"
)

// busyFor is how long a rename, a removal or a short lock is tried again while another program holds the
// file: virus scanners and indexers let go within seconds, 1C after it has read.
const busyFor = 30 * time.Second

// retry is retryFor with the patience that published files deserve.
func retry(ctx context.Context, op func() error) error { return retryFor(ctx, busyFor, op) }

// retryFor repeats an operation with growing, jittered waits while its error says that the file is busy.
func retryFor(ctx context.Context, patience time.Duration, op func() error) error {
	for waited, wait := time.Duration(0), time.Millisecond; ; wait *= 2 {
		err := op()
		if err == nil || !busy(err) || waited >= patience {
			return err
		}
		pause := wait/2 + rand.N(wait)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		waited += pause
		wait = min(wait, time.Second)
	}
}
