package main

import (
	"fmt"
	"io"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/watch/drop"
)

// jsonFetchState is how the fetching of an account stands, in status --json.
type jsonFetchState struct {
	Account string `json:"account"`
	Running bool   `json:"running"`
	Cut     bool   `json:"cut,omitempty"`   // the last run was killed; the next goes on where it was
	Until   string `json:"until,omitempty"` // all that changed before it is in the inbox
	Ended   string `json:"ended,omitempty"` // the last run
	Next    string `json:"next,omitempty"`  // when watch fetches again
	Pages   int    `json:"pages"`           // of the run that runs, or of the last
	Orders  int    `json:"orders"`
	Waits   string `json:"waits,omitempty"` // why and until when it waits
	Error   string `json:"error,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// fetchStates tell of all accounts that are fetched. A status that says "running" counts only while
// somebody holds the account's lock: the one who wrote it may have been killed.
func fetchStates(cfg *config.Config, watching bool) []jsonFetchState {
	list := []jsonFetchState{}
	for _, a := range cfg.Fetch {
		dir := fetchDir(cfg, a.Account)
		st, err := readFetchStatus(dir)
		j := jsonFetchState{
			Account: a.Account, Until: ui.Stamp(st.Until), Ended: ui.Stamp(st.Ended), Pages: st.Pages, Orders: st.Orders, Error: st.Error, Hint: st.Hint,
		}
		if err != nil {
			j.Error, j.Hint = err.Error(), "look at the rights of "+dir
		}
		if j.Running = st.Running && held(dir); j.Running && st.Wait != nil && time.Now().Before(st.Wait.Until) {
			j.Waits = fmt.Sprintf("until %s: %s", ui.Clock(st.Wait.Until), st.Wait.Why)
		}
		j.Cut = st.Running && !j.Running
		if watching && a.Every > 0 && !j.Running {
			j.Next = ui.Stamp(st.Next)
		}
		list = append(list, j)
	}
	return list
}

// held says whether another process works in a folder.
func held(dir string) bool {
	lock, err := drop.LockDir(dir)
	if err == nil {
		_ = lock.Release()
	}
	return err != nil
}

func (j *jsonFetchState) text(w io.Writer) {
	fmt.Fprintf(w, "fetch      %s  ", j.Account)
	switch {
	case j.Running:
		fmt.Fprintf(w, "runs: %s on %s", ui.Plural(j.Orders, "order", "orders"), ui.Plural(j.Pages, "page", "pages"))
		if j.Waits != "" {
			fmt.Fprint(w, ", waits "+j.Waits)
		}
	case j.Cut:
		fmt.Fprintf(w, "was cut short behind %s on %s; the next run goes on there", ui.Plural(j.Orders, "order", "orders"), ui.Plural(j.Pages, "page", "pages"))
	case j.Ended == "":
		fmt.Fprint(w, "has not run yet")
	default:
		fmt.Fprint(w, "ended "+ui.Local(j.Ended))
		if j.Error == "" {
			fmt.Fprintf(w, ": %s on %s", ui.Plural(j.Orders, "order", "orders"), ui.Plural(j.Pages, "page", "pages"))
		}
	}
	if j.Until != "" {
		fmt.Fprint(w, ", complete until "+ui.Local(j.Until))
	}
	if j.Next != "" {
		fmt.Fprint(w, ", next "+ui.Local(j.Next))
	}
	fmt.Fprintln(w)
	if j.Error != "" {
		ui.Streams{}.WriteProblem(w, "           "+j.Error, j.Hint)
	}
}
