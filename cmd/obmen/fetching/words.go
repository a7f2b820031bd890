package fetching

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
)

// noticed is how long a wait must be to be told of.
const noticed = 2 * time.Second

// progressWords tells people how far a fetch is: on a terminal in one line that changes, else in a line for
// each page and each wait.
type progressWords struct {
	s         ui.Streams
	w         io.Writer
	line      io.Writer // the terminal itself, where there is a changing line
	live      bool      // one line that changes
	scheduled bool      // nobody waits for it: only what matters

	asking sync.Mutex // one question at a time

	mu     sync.Mutex
	warned map[string]string // of a secret's age, by account
	open   bool              // the line on the terminal has something in it
}

func newProgressWords(s ui.Streams, several bool) *progressWords {
	f := &progressWords{s: s, w: s.Err, live: ui.IsTerminal(s.Err) && !several}
	if f.live {
		f.line = ui.Raw(s.Err) // the filter of texts would show the codes that take the line away
	}
	return f
}

// done takes the changing line away.
func (f *progressWords) done() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clear()
}

func (f *progressWords) clear() {
	if f.open {
		fmt.Fprint(f.line, "\r\x1b[K")
		f.open = false
	}
}

// say writes a line that stays.
func (f *progressWords) say(account, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clear()
	fmt.Fprintln(f.w, account+": "+f.s.Words().Phrase(text))
}

// note writes a line that the next one may replace.
func (f *progressWords) note(account, text string) {
	if f.scheduled {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.live {
		fmt.Fprintln(f.w, account+": "+f.s.Words().Phrase(text))
		return
	}
	f.clear()
	fmt.Fprint(f.w, account+": "+f.s.Words().Phrase(text))
	f.open = true
}

func (f *progressWords) progress(p fetch.Progress, left time.Duration) {
	var b strings.Builder
	switch {
	case p.From.IsZero():
		fmt.Fprintf(&b, "%s saved", ui.Plural(p.Orders, "order", "orders"))
	case p.Request == "" && p.Resumed:
		fmt.Fprintf(&b, "goes on behind page %d of what changed since %s", p.Pages, ui.Clock(p.From))
	case p.Request == "":
		fmt.Fprintf(&b, "asks for what changed since %s", ui.Clock(p.From))
	default:
		fmt.Fprintf(&b, "page %d, %s", p.Pages, ui.Plural(p.Orders, "order", "orders"))
		if !p.At.IsZero() {
			fmt.Fprintf(&b, ", up to %s", ui.Clock(p.At))
		}
		if left >= noticed {
			fmt.Fprintf(&b, ", about %s to go", span(left))
		}
	}
	if p.Request != "" {
		fmt.Fprintf(&b, " (request id %s)", p.Request)
	}
	f.note(p.Account, b.String())
}

func (f *progressWords) wait(account string, length time.Duration, until time.Time, why string) {
	if length < noticed {
		return
	}
	f.note(account, fmt.Sprintf("waits %s, until %s: %s", span(length), until.Local().Format(time.TimeOnly), why))
}

// waitWords say why there is a wait.
func waitWords(w spapi.Wait) string {
	switch w.Reason {
	case spapi.WaitRate:
		return fmt.Sprintf("Amazon's limit for %s", w.Operation)
	case spapi.WaitReport:
		return "Amazon is making the report"
	}
	if e, ok := errors.AsType[*spapi.Error](w.Err); ok {
		return fmt.Sprintf("attempt %d ended with: %v", w.Attempt-1, e)
	}
	return fmt.Sprintf("attempt %d comes", w.Attempt)
}

// aged warns of a client secret that Amazon will soon refuse, once for each day of its age.
func (f *progressWords) aged(j *setup.SecretStatus) {
	if text := j.Aged(); text != "" {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.warned[j.Account] == text {
			return
		}
		if f.warned == nil {
			f.warned = map[string]string{}
		}
		f.warned[j.Account] = text
		f.clear()
		f.s.PrintProblem(text, j.Hint)
	}
}

// summary is the last line of an account.
func (f *progressWords) summary(j *accountJob) {
	name, sum := j.account.Account, &j.result.Summary
	for _, d := range sum.Absent {
		f.say(name, fmt.Sprintf("no order has %s although it was asked for: the app lacks the role %s", strings.ToLower(string(d)), d.Role()))
	}
	if f.scheduled && sum.Orders == 0 {
		return
	}
	for _, r := range j.result.Reports {
		days := r.From.Format(time.DateOnly) + " to " + r.Until.Format(time.DateOnly)
		if r.Name == "" {
			f.say(name, fmt.Sprintf("nothing to report from %s (request id %s)", days, r.Request))
		} else {
			f.say(name, fmt.Sprintf("report of %s → %s (request id %s)", days, r.Name, r.Request))
		}
	}
	if j.opt.Report != "" {
		return
	}
	text := fmt.Sprintf("%s on %s saved in the inbox", ui.Plural(sum.Orders, "order", "orders"), ui.Plural(sum.Pages, "page", "pages"))
	if !sum.Until.IsZero() {
		text += ", complete until " + ui.Clock(sum.Until)
	}
	f.say(name, text)
}

// printEstimate prints what a run would ask for and how long Amazon's limits make it.
func printEstimate(s ui.Streams, e *fetch.Estimate, account string) {
	for i := range e.Asks {
		s.PrintPhrase(s.Out, "%s: would ask %s\n", account, requestWords(&e.Asks[i]))
	}
	if e.Requests == 0 {
		return
	}
	took := "no wait"
	if e.Wait > 0 {
		took = "waits of " + span(time.Duration(e.Wait)*time.Second) + " in all"
	}
	s.PrintPhrase(s.Out, "%s: %s: %s, %s (Amazon allows %d at once, then one every %s)\n", account, basisWords(e),
		ui.Plural(e.Requests, "request", "requests"), took, e.Burst, span(time.Duration(e.Every*float64(time.Second))))
}

func requestWords(q *fetch.PlannedRequest) string {
	p := q.Parameters
	switch op := spapi.Operation(q.Operation); {
	case p["url"] != "":
		return strings.TrimSpace(p["method"] + " " + p["url"] + " " + p["body"])
	case op == spapi.OpToken:
		return "for a token"
	case op == spapi.OpMarketplaceParticipations:
		return "for the account's marketplaces"
	case op == spapi.OpSearchOrders && q.Query == "":
		return "for one page of orders"
	case op == spapi.OpSearchOrders:
		return "searchOrders?" + q.Query
	case op == spapi.OpCreateReport:
		return fmt.Sprintf("createReport %s from %s to %s", p["reportType"], p["dataStartTime"], p["dataEndTime"])
	}
	return q.Operation + " " + p["orderId"]
}

// basisWords say what the requests are counted for.
func basisWords(e *fetch.Estimate) string {
	switch e.Basis {
	case fetch.ByHistory:
		return "if there are as many as so far, about " + ui.Plural(e.Orders, "order", "orders")
	case fetch.ByWindow:
		return fmt.Sprintf("one for each window, and more where one has over %d orders", spapi.MaxPage)
	case fetch.ByAssumed:
		return fmt.Sprintf("for each %d orders", e.Orders)
	}
	if e.Orders > 0 {
		return ui.Plural(e.Orders, "order", "orders")
	}
	return ui.Plural(e.Requests, "report", "reports")
}

// span writes a length of time: "2m59s", "4h10m".
func span(d time.Duration) string {
	switch {
	case d >= time.Hour:
		d = d.Round(time.Minute)
		return strings.TrimSuffix(d.String(), "0s")
	case d >= 10*time.Second:
		d = d.Round(time.Second)
	}
	return d.Round(100 * time.Millisecond).String()
}

// The object that fetch --json prints.
type (
	jsonResult struct {
		Accounts []jsonFetched `json:"accounts"`
	}
	jsonFetched struct {
		Account string          `json:"account"`
		Pages   int             `json:"pages"`
		Orders  int             `json:"orders"`
		Until   string          `json:"until,omitempty"` // all that changed before it is saved
		Reports []jsonReport    `json:"reports,omitempty"`
		Check   []checkLine     `json:"check,omitempty"`
		Plan    *fetch.Estimate `json:"plan,omitempty"` // of a dry run: nothing was asked
		Error   string          `json:"error,omitempty"`
		Hint    string          `json:"hint,omitempty"`
	}
	jsonReport struct {
		From    string `json:"from"`
		To      string `json:"to"`
		File    string `json:"file"` // in the inbox; empty when there was nothing to report
		Charset string `json:"charset,omitempty"`
		Size    int64  `json:"size"`
		Request string `json:"request_id"`
	}
)

func jsonResultOf(jobs []job, errs []error) jsonResult {
	list := jsonResult{[]jsonFetched{}}
	for i := range jobs {
		j := jobs[i].base()
		a := jsonFetched{Account: j.account.Account, Pages: j.result.Summary.Pages, Orders: j.result.Summary.Orders, Check: j.checked, Plan: j.plan}
		if !j.result.Summary.Until.IsZero() {
			a.Until = j.result.Summary.Until.UTC().Format(time.RFC3339)
		}
		for _, r := range j.result.Reports {
			a.Reports = append(a.Reports, jsonReport{r.From.UTC().Format(time.RFC3339), r.Until.UTC().Format(time.RFC3339), r.Name, r.Charset, r.Size, r.Request})
		}
		if errs[i] != nil {
			a.Error, a.Hint = errs[i].Error(), ui.HintOf(errs[i])
		}
		list.Accounts = append(list.Accounts, a)
	}
	return list
}
