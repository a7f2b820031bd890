package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

func statusCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "show what waits and why, what came of the last files, and what 1C has",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.BoolFlag{Name: "check", Usage: "print one line for a monitor and end with 0 (fine), 1 (broken) or 3 (something waits for a person)"},
			&cli.StringFlag{Name: "route", Usage: "show the files of one `ROUTE` only"},
			&cli.StringFlag{Name: "state", Usage: "show the files in one `STATE` only: " + strings.Join(fileStates, ", ")},
			&cli.StringFlag{Name: "since", Usage: "show the files that came since a `DAY` (2026-11-30) or for so long (36h, 7d)"},
			&cli.IntFlag{Name: "last", Value: recentFiles, Usage: "show the last `N` finished files"},
		},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen status"); err != nil {
				return err
			}
			if last := c.Int("last"); last < 0 {
				return ui.Misuse(words.New("status.last-number", "Last", last), words.New("status.last-none"))
			}
			if c.Bool("check") {
				return runStatusCheck(c.Context, c.Path("config"), s)
			}
			choice, err := statusChoice(c, time.Now())
			if err != nil {
				return err
			}
			return runStatus(c.Context, c.Path("config"), choice, c.Bool("json"), s)
		},
	}
}

// fileStates are the states of files that status knows.
var fileStates = []string{"inbox", "left", "claimed", "converting", "waiting", "refused", "done"}

// filesChosen choose which files status shows; empty fields choose all.
type filesChosen struct {
	last         int // finished files
	route, state string
	since        time.Time
}

// mostFinished is how many finished files are looked through where the user chooses some of them.
const mostFinished = 1000

func statusChoice(c *cli.Context, now time.Time) (f filesChosen, err error) {
	f = filesChosen{last: c.Int("last"), route: c.String("route"), state: c.String("state")}
	if f.state != "" && !slices.Contains(fileStates, f.state) {
		return f, ui.Misuse(words.New("status.no-state", "State", f.state), words.New("status.states", "States", fileStates))
	}
	if since := c.String("since"); since != "" {
		if f.since, err = config.ParseSince(since, now); err != nil {
			return f, ui.Misuse(words.New("status.no-since", "Since", since), words.Plain("--since 2026-11-30, --since 36h, --since 7d"))
		}
	}
	if f != (filesChosen{last: f.last}) && !c.IsSet("last") {
		f.last = mostFinished
	}
	return f, nil
}

// apply leaves the chosen files.
func (f *filesChosen) apply(list []desk.FileStatus) []desk.FileStatus {
	return slices.DeleteFunc(list, func(s desk.FileStatus) bool {
		return f.route != "" && s.Route != f.route || f.state != "" && s.State != f.state ||
			!f.since.IsZero() && !s.Seen.IsZero() && s.Seen.Before(f.since)
	})
}

// recentFiles is how many finished files status shows: a screen of a terminal holds them.
const recentFiles = 15

// jsonStatus is the object that status --json prints.
type jsonStatus struct {
	desk.Status
	Fetch []fetching.State `json:"fetch"` // accounts whose orders are fetched
	Sites []jsonSite       `json:"sites"` // accounts whose orders 1C fetches itself
}

func runStatus(ctx context.Context, path string, choice filesChosen, json bool, s ui.Streams) error {
	session, err := setup.OpenReading(ctx, path)
	if err != nil {
		return err
	}
	defer session.Close()
	if known := func(r inbox.Route) bool { return r.Name == choice.route }; choice.route != "" && !slices.ContainsFunc(session.Routes, known) {
		return ui.Misuse(words.New("status.no-route", "Route", choice.route), words.New("status.routes", "Routes", routeNames(session.Routes)))
	}
	status, err := session.Status(ctx, desk.StatusOptions{Finished: choice.last})
	if err != nil {
		return err
	}
	status.Files = choice.apply(status.Files)
	sites, err := siteStates(ctx, session.Ledger)
	if err != nil {
		return err
	}
	result := jsonStatus{*status, fetching.States(session.Config, status.Running), sites}
	if json {
		return ui.PrintJSON(s.Out, result)
	}
	var earlier words.Text
	if n := status.Earlier; n > 0 && choice.last > 0 {
		earlier = words.Count("status.earlier", n, "Command", session.Command("status", "--last", strconv.Itoa(choice.last+n)))
	}
	result.print(session.Health(status), earlier, s)
	printSites(s, sites)
	return nil
}

// runStatusCheck prints how the exchange is in one line, as Nagios, Zabbix and Docker read it.
func runStatusCheck(ctx context.Context, path string, s ui.Streams) error {
	session, err := setup.OpenReading(ctx, path)
	if err != nil {
		return err
	}
	defer session.Close()
	status, err := session.Status(ctx, desk.StatusOptions{})
	if err != nil {
		return err
	}
	health := session.Health(status)
	var why []string
	for _, text := range health.Why {
		why = append(why, s.Words().Text(text))
	}
	switch health.State {
	case desk.Broken:
		s.Tell("health.broken", "Why", strings.Join(why, "; "))
		return ui.ErrBroken
	case desk.Waits:
		s.Tell("health.waits", "Why", strings.Join(why, "; "))
		return ui.ErrHeld
	}
	s.Tell("health.fine")
	return nil
}

func routeNames(routes []inbox.Route) (names []string) {
	for i := range routes {
		names = append(names, routes[i].Name)
	}
	return names
}

// print begins with what is wrong: what stands below may run out of the screen. earlier tells of files that are left
// out, if there are any.
func (st *jsonStatus) print(health desk.Health, earlier words.Text, s ui.Streams) {
	for _, n := range st.Nodes {
		name, routes := ui.OneLine(n.Name), ui.OneLine(cmp.Or(strings.Join(n.Routes, ", "), "—"))
		if n.Leads {
			s.Tell("status.leads", "Node", name, "Routes", routes)
		} else {
			s.Tell("status.node", "Node", name, "Routes", routes)
		}
	}
	switch {
	case len(st.Nodes) > 0:
	case st.Running:
		s.Tell("status.running", "Process", st.Process)
	default:
		s.Tell("status.not-running")
	}
	for _, wait := range st.Waiting {
		s.Tell("status.claims-nothing", "Route", wait.Route, "Why", words.Plain(wait.Why))
	}
	for _, why := range health.Why {
		if why.Code != "health.not-running" && why.Code != "health.claims-nothing" { // told above
			s.Tell("status.wrong", "What", why)
		}
	}
	for i := range st.Fetch {
		st.Fetch[i].Print(s)
	}
	for i := range st.Files {
		printFileStatus(s, &st.Files[i])
	}
	if !earlier.IsZero() {
		s.Line(earlier)
	}
	for _, m := range st.Messages {
		orders := words.Count("count.orders", m.Waiting)
		if m.Waiting > 0 {
			s.Tell("status.message-waits", "Name", m.Name, "Number", m.Number, "Orders", orders, "Since", m.Since.Time)
		} else {
			s.Tell("status.message", "Name", m.Name, "Number", m.Number, "Orders", orders)
		}
	}
	t := &st.Totals
	if t.Dismissed > 0 {
		s.Tell("status.orders-dismissed", "Exported", t.Exported, "Held", t.HeldOrders(), "Dismissed", t.Dismissed)
	} else {
		s.Tell("status.orders", "Exported", t.Exported, "Held", t.HeldOrders())
	}
	s.Tell("status.sets", "Published", t.Sets["published"]+t.Sets["planned"], "Taken", t.Sets["taken"], "Loaded", t.Sets["loaded"], "Failed", t.Sets["failed"])
}

// printFileStatus prints a line for a file, and one for each of its sets.
func printFileStatus(s ui.Streams, f *desk.FileStatus) {
	w := s.Words()
	line := fmt.Sprintf("%-10s %s", w.Say("word.state."+f.State), ui.OneLine(f.Name))
	if !f.Seen.IsZero() {
		line += w.Say("status.seen", "At", f.Seen.Time)
	}
	if !f.Converted.IsZero() {
		line += w.Say("status.converted", "At", f.Converted.Time, "Exported", f.Exported, "Held", f.Held)
		if rest := f.Known + f.Older + f.Skipped; rest > 0 {
			line += w.Say("status.left-out", "Rest", rest)
		}
	}
	if f.Why != "" {
		line += "  (" + w.Phrase(f.Why) + ")"
	}
	fmt.Fprintln(s.Out, line)
	for _, set := range f.Sets {
		line := w.Say("status.set", "Set", set.Set, "At", set.Published.Time)
		if set.State != string(ledger.Published) {
			line += w.Say("status.set-state", "State", words.New("word.set."+set.State), "At", set.Changed.Time)
		}
		if set.Text != "" {
			line += "  " + ui.InLine(set.Text)
		}
		fmt.Fprintln(s.Out, line)
	}
}
