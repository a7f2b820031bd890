package desk

import (
	"context"
	"sync"
	"time"

	"obmen/watch/ledger"
)

// Figures count what went out, by day, so that no page has to read all orders. Update brings them up to date.
type Figures struct {
	Ledger *ledger.Ledger

	mu      sync.Mutex
	days    map[string]*day
	last    time.Time               // of the export that was counted last
	counted map[ledger.Key]struct{} // the orders of that moment
	ready   bool
}

// FigureDays is how many days are counted.
const FigureDays = 35

// Day holds what went out on one day.
type Day struct {
	Day    time.Time // its midnight, local time
	Orders int
	Sums   []Sum
	Hours  float64 // from the order to the outbox, of half of the orders at most; -1 without orders
}

type day struct {
	sums  sums
	n     int
	hours map[int]int // orders by whole hours
}

// mostHours is the last class of waiting times.
const mostHours = 24 * 30

func (d *day) add(o *ledger.Order) {
	d.n++
	f, known := ledger.ReadFigures(o.Facts)
	if !known {
		d.sums.add(o.Account, "", "")
		return
	}
	d.sums.addFigures(o.Account, &f)
	if waited := o.Exported.Sub(f.Date); !f.Date.IsZero() {
		d.hours[min(max(int(waited.Hours()), 0), mostHours)]++
	}
}

// median is the time that half of the orders took at most, in hours; -1 when it is not known.
func (d *day) median() float64 {
	all := 0
	for _, n := range d.hours {
		all += n
	}
	if all == 0 {
		return -1
	}
	seen := 0
	for hour := range mostHours + 1 {
		if seen += d.hours[hour]; 2*seen >= all {
			return float64(hour)
		}
	}
	return mostHours
}

// Update counts what went out since the last time; at first the last FigureDays days.
func (f *Figures) Update(ctx context.Context, now time.Time) error {
	f.mu.Lock()
	last, counted := f.last, f.counted
	f.mu.Unlock()
	since := last
	if since.IsZero() {
		since = midnight(now).AddDate(0, 0, 1-FigureDays)
	}
	if n, err := f.Ledger.CountOrders(ctx, ledger.OrderFilter{Since: since}); err != nil || n == len(counted) && !last.IsZero() {
		return err
	}
	fresh := map[string]*day{}
	err := f.Ledger.EachOrder(ctx, ledger.OrderFilter{Since: since}, func(o *ledger.Order) error {
		if o.Exported.Equal(last) {
			if _, before := counted[o.Key]; before {
				return nil
			}
		}
		if o.Exported.After(last) {
			last, counted = o.Exported, map[ledger.Key]struct{}{}
		}
		if counted == nil {
			counted = map[ledger.Key]struct{}{}
		}
		counted[o.Key] = struct{}{}
		if o.State == ledger.Exported {
			dayOf(fresh, o.Exported).add(o)
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, f.counted, f.ready = last, counted, true
	f.merge(fresh, now)
	return nil
}

// merge adds what is new, and forgets days that are no longer shown.
func (f *Figures) merge(fresh map[string]*day, now time.Time) {
	if f.days == nil {
		f.days = map[string]*day{}
	}
	for name, d := range fresh {
		known := f.days[name]
		if known == nil {
			f.days[name] = d
			continue
		}
		known.n += d.n
		known.sums.merge(d.sums.list)
		for hour, n := range d.hours {
			known.hours[hour] += n
		}
	}
	oldest := midnight(now).AddDate(0, 0, 1-FigureDays).Format(time.DateOnly)
	for name := range f.days {
		if name < oldest {
			delete(f.days, name)
		}
	}
}

func dayOf(days map[string]*day, at time.Time) *day {
	name := at.Local().Format(time.DateOnly)
	if days[name] == nil {
		days[name] = &day{hours: map[int]int{}}
	}
	return days[name]
}

// Days returns the last n days, the oldest first; false while they are not counted yet.
func (f *Figures) Days(now time.Time, n int) ([]Day, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Day, 0, n)
	for i := range n {
		at := midnight(now).AddDate(0, 0, i+1-n)
		one := Day{Day: at, Hours: -1}
		if d := f.days[at.Format(time.DateOnly)]; d != nil {
			one.Orders, one.Sums, one.Hours = d.n, d.sums.sorted(), d.median()
		}
		list = append(list, one)
	}
	return list, f.ready
}

// AddSums adds the sums of days.
func AddSums(days []Day) []Sum {
	var all sums
	for _, d := range days {
		all.merge(d.Sums)
	}
	return all.sorted()
}

// Ready reports whether all days are counted.
func (f *Figures) Ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Local().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.Local)
}
