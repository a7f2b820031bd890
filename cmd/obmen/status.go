package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

func statusCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "show what waits and why, what came of the last files, and what 1C has",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.IntFlag{Name: "last", Value: recentFiles, Usage: "show the last `N` finished files"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "obmen status"); err != nil {
				return err
			}
			if last := c.Int("last"); last < 0 {
				return ui.Usage("obmen status --last 0 shows none that is done", "--last takes a number of files, got %d", last)
			}
			return runStatus(c.Context, c.Path("config"), c.Int("last"), c.Bool("json"), s)
		},
	}
}

// recentFiles is how many finished files status shows: a screen of a terminal holds them.
const recentFiles = 15

// The object that status --json prints.
type (
	jsonStatus struct {
		Running bool             `json:"running"` // a watcher holds the state folder
		Process int              `json:"process,omitempty"`
		Waiting []jsonWait       `json:"waiting"` // routes that claim nothing for now
		Files   []jsonFileState  `json:"files"`   // not done first, then the newest
		Fetch   []jsonFetchState `json:"fetch"`   // accounts whose orders are fetched
		Totals  jsonTotals       `json:"totals"`

		Messages []jsonMessage `json:"messages"` // of exchanges with 1C through messages
	}
	jsonMessage struct {
		Name     string `json:"name"`
		Number   int    `json:"number"`          // of the message in the outbox
		Received int    `json:"received"`        // of 1C's last message
		Waiting  int    `json:"waiting"`         // orders that 1C has not confirmed
		Since    string `json:"since,omitempty"` // the oldest of them
	}
	jsonWait struct {
		Route string `json:"route"`
		Why   string `json:"why"`
		Tries int    `json:"tries,omitempty"` // failures in a row of what is tried again by itself
	}
	jsonFileState struct {
		Route     string    `json:"route"`
		Name      string    `json:"name"`
		State     string    `json:"state"` // inbox, left (never read as it is), claimed, converting, waiting, refused or done
		Why       string    `json:"why,omitempty"`
		Seen      string    `json:"seen,omitempty"`
		Converted string    `json:"converted,omitempty"`
		Exported  int       `json:"exported"`
		Held      int       `json:"held"`
		Known     int       `json:"known"`
		Older     int       `json:"older"`
		Skipped   int       `json:"skipped"`
		Sets      []jsonSet `json:"sets,omitempty"`
	}
	jsonSet struct {
		Set       string `json:"set"`
		State     string `json:"state"` // planned, published, taken, failed or loaded
		Published string `json:"published,omitempty"`
		Changed   string `json:"changed,omitempty"` // when 1C took or answered it
		Text      string `json:"text,omitempty"`    // 1C's words
	}
	jsonTotals struct {
		Exported  int            `json:"exported"`  // orders
		Held      map[string]int `json:"held"`      // orders, by code
		Sets      map[string]int `json:"sets"`      // by state
		Dismissed int            `json:"dismissed"` // orders
		Files     map[string]int `json:"files"`     // by state
	}
)

func runStatus(ctx context.Context, path string, last int, json bool, s ui.Streams) error {
	shop, err := openShop(ctx, path)
	if err != nil {
		return err
	}
	defer shop.Close()
	status, err := shop.status(ctx, last)
	if err != nil {
		return err
	}
	if json {
		return ui.PrintJSON(s.Out, status)
	}
	status.text(s.Out)
	return nil
}

// status puts together what the ledger, the folders and the running watcher know.
func (s *shop) status(ctx context.Context, last int) (*jsonStatus, error) {
	st := &jsonStatus{Waiting: []jsonWait{}, Files: []jsonFileState{}}
	if err := s.watcher(st); err != nil {
		return nil, err
	}
	live, err := watch.ReadStatus(s.cfg.Folders.State)
	if err != nil {
		live = watch.Status{} // of another version: the rest is worth showing
	}
	for i := range s.routes {
		if err := s.pending(st, &s.routes[i], live); err != nil {
			return nil, err
		}
	}
	st.Fetch = fetchStates(s.cfg, st.Running)
	if err := s.seen(ctx, st, last); err != nil {
		return nil, err
	}
	return st, s.totals(ctx, st)
}

// watcher looks whether a watcher runs: it holds the lock of the state folder.
func (s *shop) watcher(st *jsonStatus) error {
	lock, err := drop.LockDir(s.cfg.Folders.State)
	var locked *drop.LockedError
	if errors.As(err, &locked) {
		st.Running, st.Process = true, locked.PID
		return nil
	}
	if err != nil {
		return err
	}
	return lock.Release()
}

// pending lists the files that lie in the inbox or are claimed, with what the watcher says of them.
func (s *shop) pending(st *jsonStatus, r *inbox.Route, live watch.Status) error {
	why := map[string]string{}
	reason := "no watcher runs"
	for _, route := range live.Routes {
		if route.Name != r.Name || !st.Running {
			continue
		}
		if reason = route.Waiting; reason != "" {
			st.Waiting = append(st.Waiting, jsonWait{r.Name, reason, route.Tries})
		}
		for _, f := range route.Files {
			why[f.Path] = f.Why
		}
	}
	lie, err := r.Pending()
	if err != nil { // a share that is away; the watcher's reason says so
		st.Waiting = append(st.Waiting, jsonWait{Route: r.Name, Why: err.Error()})
	}
	for _, name := range lie.Claimed {
		st.Files = append(st.Files, jsonFileState{Route: r.Name, Name: name, State: "claimed", Why: cmp.Or(why[name], reason)})
	}
	for _, f := range lie.Inbox {
		st.Files = append(st.Files, jsonFileState{Route: r.Name, Name: f.Path, State: "inbox", Why: cmp.Or(f.Why, why[f.Path], reason)})
	}
	for _, f := range lie.Left {
		st.Files = append(st.Files, jsonFileState{Route: r.Name, Name: f.Path, State: "left", Why: f.Why})
	}
	return nil
}

// seen lists what the ledger knows: all that is not done, and the newest of what is.
func (s *shop) seen(ctx context.Context, st *jsonStatus, last int) error {
	var list []ledger.FileRecord
	for _, f := range []ledger.FileFilter{{State: ledger.Waiting}, {State: ledger.Refused, Limit: last, Newest: true}, {State: ledger.Done, Limit: last, Newest: true}} {
		if f.Newest && last <= 0 {
			continue
		}
		files, err := s.book.Files(ctx, f)
		if err != nil {
			return err
		}
		list = append(list, files...)
	}
	for i := range list {
		f, err := s.fileState(ctx, &list[i])
		if err != nil {
			return err
		}
		st.Files = append(st.Files, f)
	}
	return nil
}

func (s *shop) fileState(ctx context.Context, r *ledger.FileRecord) (jsonFileState, error) {
	c := r.Counts
	f := jsonFileState{
		Route: r.Route, Name: r.Name, State: string(r.State), Why: r.Reason, Seen: ui.Stamp(r.Seen),
		Exported: c.Exported, Held: c.Held, Known: c.Known, Older: c.Older, Skipped: c.Skipped,
	}
	if r.State == ledger.Done {
		f.Converted = ui.Stamp(r.Ended)
	}
	if r.Running {
		f.State = "converting"
	}
	sets, err := s.book.Sets(ctx, ledger.SetFilter{Route: r.Route, SHA256: r.SHA256})
	for _, set := range sets {
		j := jsonSet{Set: set.Stem, State: string(set.State), Published: ui.Stamp(set.Published), Text: set.Text}
		if set.State != ledger.Published && set.State != ledger.Planned {
			j.Changed = ui.Stamp(set.Changed)
		}
		f.Sets = append(f.Sets, j)
	}
	return f, err
}

func (s *shop) totals(ctx context.Context, st *jsonStatus) error {
	stats, err := s.book.Stats(ctx)
	if err != nil {
		return err
	}
	t := jsonTotals{Dismissed: stats.Dismissed, Held: map[string]int{}, Sets: map[string]int{}, Files: map[string]int{}}
	for _, n := range stats.Orders {
		t.Exported += n
	}
	for code, n := range stats.Holds {
		t.Held[code] = n
	}
	for state, n := range stats.Sets {
		t.Sets[string(state)] = n
	}
	for state, n := range stats.Files {
		t.Files[string(state)] = n
	}
	st.Totals = t
	return s.messages(ctx, st)
}

func (s *shop) messages(ctx context.Context, st *jsonStatus) error {
	exchanges, err := s.book.Exchanges(ctx)
	st.Messages = []jsonMessage{}
	for _, e := range exchanges {
		st.Messages = append(st.Messages, jsonMessage{e.Name, e.Number, e.Received, e.Waiting, ui.Stamp(e.Since)})
	}
	return err
}

func (st *jsonStatus) text(w io.Writer) {
	if st.Running {
		fmt.Fprintf(w, "the watcher runs (process %d)\n", st.Process)
	} else {
		fmt.Fprintln(w, "the watcher does not run: obmen watch starts it")
	}
	for _, wait := range st.Waiting {
		fmt.Fprintf(w, "%s claims nothing for now: %s\n", wait.Route, wait.Why)
	}
	for i := range st.Fetch {
		st.Fetch[i].text(w)
	}
	for i := range st.Files {
		st.Files[i].text(w)
	}
	t := &st.Totals
	held := 0
	for _, n := range t.Held {
		held += n
	}
	for _, m := range st.Messages {
		fmt.Fprintf(w, "%s: message %d, %s not confirmed by 1C", m.Name, m.Number, ui.Plural(m.Waiting, "order", "orders"))
		if m.Waiting > 0 {
			fmt.Fprint(w, ", the oldest since "+ui.Local(m.Since))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "orders: %d exported, %d held", t.Exported, held)
	if t.Dismissed > 0 {
		fmt.Fprintf(w, ", %d dismissed", t.Dismissed)
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "sets: %d published, %d taken by 1C, %d loaded, %d failed\n",
		t.Sets["published"]+t.Sets["planned"], t.Sets["taken"], t.Sets["loaded"], t.Sets["failed"])
}

// text is a line for the file, and one for each of its sets.
func (f *jsonFileState) text(w io.Writer) {
	fmt.Fprintf(w, "%-10s %s", f.State, ui.OneLine(f.Name))
	if f.Seen != "" {
		fmt.Fprint(w, "  seen "+ui.Local(f.Seen))
	}
	if f.Converted != "" {
		fmt.Fprintf(w, ", converted %s: %d exported, %d held", ui.Local(f.Converted), f.Exported, f.Held)
		if rest := f.Known + f.Older + f.Skipped; rest > 0 {
			fmt.Fprintf(w, ", %d left out", rest)
		}
	}
	if f.Why != "" {
		fmt.Fprint(w, "  ("+f.Why+")")
	}
	fmt.Fprintln(w)
	for _, set := range f.Sets {
		fmt.Fprintf(w, "           → %s  published %s", set.Set, ui.Local(set.Published))
		if set.State != string(ledger.Published) {
			fmt.Fprintf(w, ", %s %s", set.State, ui.Local(set.Changed))
		}
		if set.Text != "" {
			fmt.Fprint(w, "  "+set.Text)
		}
		fmt.Fprintln(w)
	}
}
