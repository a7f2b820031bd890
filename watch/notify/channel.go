package notify

import (
	"slices"
	"time"
)

// DefaultReminder is how long a problem stays quiet after its message before it is told once more.
const DefaultReminder = 24 * time.Hour

// DefaultDelays is how long a problem must last before it is worth a message: held orders often go out
// minutes later, when a catalog has been mended.
var DefaultDelays = map[string]time.Duration{OrdersHeld: 15 * time.Minute, ShareLost: 2 * time.Minute}

// Channel is one place that messages go to.
type Channel struct {
	Name     string   // as settings and messages call it
	URL      string   // of shoutrrr: telegram://TOKEN@telegram?chats=…; secret
	Level    Level    // the lowest level that is sent
	Events   []string // empty: all
	Delays   map[string]time.Duration
	Reminder time.Duration // 0: DefaultReminder
	Quiet    Quiet
	Summary  time.Duration // when the summary of the day is due, since midnight, local time; NoSummary: never
}

// NoSummary is Channel.Summary of a channel without a summary of the day.
const NoSummary time.Duration = -1

// summaryGrace is how long after its hour a channel gets its very first summary: who has just set it up
// in the afternoon waits for the next day.
const summaryGrace = time.Hour

// Quiet is a span of the day without messages; what happened in it is told at its end. The zero value
// is never quiet. From may lie after To: 22:00 to 07:00 is a night.
type Quiet struct{ From, To time.Duration } // since midnight, local time

func (q Quiet) contains(t time.Time) bool {
	if q.From == q.To {
		return false
	}
	at := timeOfDay(t)
	if q.From < q.To {
		return q.From <= at && at < q.To
	}
	return at >= q.From || at < q.To
}

// timeOfDay is the time since midnight by the clock, to the minute.
func timeOfDay(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

func (c *Channel) wantsProblem(p Problem) bool {
	return p.Level >= c.Level && (len(c.Events) == 0 || slices.Contains(c.Events, p.Event))
}

func (c *Channel) delay(event string) time.Duration {
	if d, ok := c.Delays[event]; ok {
		return d
	}
	return DefaultDelays[event]
}

func (c *Channel) reminder() time.Duration {
	if c.Reminder > 0 {
		return c.Reminder
	}
	return DefaultReminder
}
