package fetch

import (
	"context"
	"time"
)

// Repeat calls run at the time next and then again every interval, until the context ends, and at once when it is
// woken. An error stops nothing: it is reported once, and again when another one takes its place or a run went well in
// between.
func Repeat(ctx context.Context, next time.Time, every time.Duration, wake <-chan struct{}, run func(context.Context) error, report func(error)) {
	for reported := ""; ; next = time.Now().Add(every) {
		if !sleepFor(ctx, min(time.Until(next), every), wake) {
			return
		}
		err := run(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			reported = ""
		case err.Error() != reported:
			reported = err.Error()
			report(err)
		}
	}
}

// sleepFor waits, unless it is woken; it reports false when the context ends before.
func sleepFor(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
		return ctx.Err() == nil
	case <-timer.C:
		return ctx.Err() == nil
	}
}
