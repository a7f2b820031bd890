package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"obmen/convert"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

// Overview holds what a person should see first.
type Overview struct {
	Status *Status
	Health Health
	Tasks  []Task // the most urgent first
	OneC   OneC
	Spaces []Space
}

// Task is something that waits. Act reports whether a person can do something about it.
type Task struct {
	Kind  TaskKind
	Code  string // of held orders
	N     int
	Since time.Time // the oldest; zero when it is not known
	Act   bool
	Sums  []Sum // of held orders
}

// TaskKind is the kind of a task.
type TaskKind string

// The kinds of tasks, the most urgent first.
const (
	RefusedBy1CTask TaskKind = "1c-refused"
	OverdueTask     TaskKind = "overdue"
	RefusedFileTask TaskKind = "refused-files"
	HeldTask        TaskKind = "held"
)

// OneC is how far 1C is.
type OneC struct {
	Sent, Taken, Loaded, Failed int // sets
	Oldest                      Moment
	Overdue                     int // sets that 1C should have answered
	Sites                       []SiteState
}

// SiteState is how the orders of an account stand that 1C fetches itself.
type SiteState struct {
	Account          string
	Waiting, Refused int
	Since, Last      Moment
}

// Space is the free space of a volume.
type Space struct {
	Folders []string // roles: outbox, state
	Free    int64    // bytes
}

// Overview puts together what the first page shows.
func (d *Desk) Overview(ctx context.Context, now time.Time) (*Overview, error) {
	status, err := d.Status(ctx, StatusOptions{})
	if err != nil {
		return nil, err
	}
	refused := d.refusedFiles()
	o := &Overview{Status: status, Health: healthOf(status, refused), Spaces: d.spaces()}
	if err := d.addOneC(ctx, o, now); err != nil {
		return nil, err
	}
	if n := o.OneC.Overdue; n > 0 {
		o.Health.Why = append(o.Health.Why, words.Count("web.today.task-overdue", n))
		if o.Health.State == Fine {
			o.Health.State = Waits
		}
	}
	held, err := knownTasks.of(ctx, d.Ledger, func() ([]Task, error) { return d.heldTasks(ctx) })
	if err != nil {
		return nil, err
	}
	o.Tasks = slices.Clone(held)
	for _, t := range []Task{
		{Kind: RefusedBy1CTask, N: o.OneC.Failed, Act: true},
		{Kind: OverdueTask, N: o.OneC.Overdue, Since: o.OneC.Oldest.Time, Act: true},
		{Kind: RefusedFileTask, N: refused, Act: true},
	} {
		if t.N > 0 {
			o.Tasks = append(o.Tasks, t)
		}
	}
	slices.SortStableFunc(o.Tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(b.rank(), a.rank()), cmp.Compare(a.Kind.urgency(), b.Kind.urgency()), a.Since.Compare(b.Since))
	})
	return o, nil
}

func (k TaskKind) urgency() int {
	return slices.Index([]TaskKind{RefusedBy1CTask, OverdueTask, RefusedFileTask, HeldTask}, k)
}

// rank is 1 for what a person can do something about.
func (t *Task) rank() int {
	if t.Act {
		return 1
	}
	return 0
}

// heldTasks are the held orders by their code. Who waits for the marketplace alone needs no person.
func (d *Desk) heldTasks(ctx context.Context) ([]Task, error) {
	byCode, totals := map[string]*Task{}, map[string]*sums{}
	err := d.Ledger.EachHeldAmount(ctx, func(h *ledger.HeldAmount) {
		t := byCode[h.Code]
		if t == nil {
			t = &Task{Kind: HeldTask, Code: h.Code, Since: h.Since, Act: h.Code != string(convert.Pending)}
			byCode[h.Code], totals[h.Code] = t, &sums{}
		}
		t.N++
		if h.Since.Before(t.Since) {
			t.Since = h.Since
		}
		totals[h.Code].add("", h.Currency, h.Total)
	})
	list := make([]Task, 0, len(byCode))
	for code, t := range byCode {
		t.Sums = totals[code].sorted()
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Task) int { return cmp.Compare(a.Code, b.Code) })
	return list, err
}

func (d *Desk) addOneC(ctx context.Context, o *Overview, now time.Time) error {
	t := &o.Status.Totals
	o.OneC = OneC{
		Sent: t.Sets[string(ledger.Published)] + t.Sets[string(ledger.Planned)], Taken: t.Sets[string(ledger.Taken)],
		Loaded: t.Sets[string(ledger.Loaded)], Failed: t.Sets[string(ledger.Failed)], Oldest: Moment{t.unanswered},
	}
	var err error
	if o.OneC.Overdue, err = d.countOverdue(ctx, now); err != nil {
		return err
	}
	o.OneC.Sites, err = d.SiteStates(ctx)
	return err
}

// countOverdue counts the sets that 1C should have answered by now.
func (d *Desk) countOverdue(ctx context.Context, now time.Time) (n int, err error) {
	for i := range d.Routes {
		if d.Routes[i].AckWithin <= 0 {
			continue
		}
		of, err := d.Ledger.CountOverdue(ctx, d.Routes[i].Name, now.Add(-d.Routes[i].AckWithin))
		if err != nil {
			return 0, err
		}
		n += of
	}
	return n, nil
}

// SiteStates lists how the orders stand that 1C fetches itself, by account.
func (d *Desk) SiteStates(ctx context.Context) ([]SiteState, error) {
	states, err := d.Ledger.SiteStates(ctx)
	list := make([]SiteState, len(states))
	for i, s := range states {
		list[i] = SiteState{s.Exchange[len(ledger.SitePrefix):], s.Waiting, s.Refused, Moment{s.Since}, Moment{s.Last}}
	}
	return list, err
}

// spaces are the volumes of the outboxes and of the state folder with their free space.
func (d *Desk) spaces() (list []Space) {
	dirs, roles := []string{d.State}, []string{"state"}
	for i := range d.Routes {
		dirs, roles = append(dirs, d.Routes[i].Outbox), append(roles, "outbox")
	}
	var volumes []drop.Volume
	for i, dir := range dirs {
		free, err := folder.FreeSpace(dir)
		volume, err2 := drop.VolumeOf(dir)
		if err != nil || err2 != nil { // a share that is away is told as a route that waits
			continue
		}
		at := slices.Index(volumes, volume)
		if at < 0 {
			at = len(list)
			volumes, list = append(volumes, volume), append(list, Space{Free: free})
		}
		if !slices.Contains(list[at].Folders, roles[i]) {
			list[at].Folders = append(list[at].Folders, roles[i])
		}
	}
	return list
}
