package inbox

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pauses between tries of what may pass without help.
const (
	firstPause = time.Second
	lastPause  = 5 * time.Minute
)

// BackOff is the longest pause before a retry that many tries ask for.
func BackOff(tries int) time.Duration { return min(firstPause<<min(max(tries-1, 0), 16), lastPause) }

// RetryPause is BackOff with jitter, so that routes do not all come back at once.
func RetryPause(tries int) time.Duration {
	pause := BackOff(tries)
	return pause/2 + rand.N(pause/2+1)
}

// Sleep waits until the context or the pause ends, or something comes from wake.
func Sleep(ctx context.Context, pause time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// Wait sleeps until a change, until a file may have settled, or until the next poll. With settling, files are
// looked at although none is waiting.
func (in *Inbox) Wait(ctx context.Context, poll time.Duration, settling bool) {
	pause := pollPause(poll, time.Since(in.arrived), in.notifier.trusted())
	if settling || !in.stabilizer.idle() { // a file that grows wakes at every write; the settle time's own pace is enough
		Sleep(ctx, min(pause, in.stabilizer.pause()), nil)
		return
	}
	if in.notifier == nil {
		Sleep(ctx, pause, nil)
		return
	}
	Sleep(ctx, min(pause, wakeGap), nil)
	Sleep(ctx, pause-wakeGap, in.notifier.wake)
}
