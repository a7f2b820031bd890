// Package fetching fetches the orders of accounts into the inbox: the command fetch and the schedule of a watcher. An
// account is asked by one job, of Amazon or of a shop; how far it is lies in its folder of the state.
package fetching

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/fetch"
	"obmen/fetch/spapi"
	"obmen/watch/ledger"
)

// job fetches the orders of one account: from Amazon, or from a shop that is pulled.
type job interface {
	base() *accountJob
	prepare(ctx context.Context) error // does all that needs no secret and no network
	estimate(ctx context.Context) (*fetch.Estimate, error)
	work(ctx context.Context) error
	followsChanges() bool // the run is of the kind that watch does, too; any other leaves the status as it was
}

// Options are the flags of obmen fetch.
type Options struct {
	Config              string
	Accounts            []string
	From, To            string
	Orders              []string
	Report              string
	DryRun, Check, JSON bool
}

// accountJob holds what all jobs have: settings, words, a place on the disk and what came of the run.
type accountJob struct {
	cfg     *config.Config
	book    *ledger.Ledger
	account config.Fetch
	opt     Options
	words   *progressWords
	s       ui.Streams
	next    time.Duration // until the next run; 0 without a schedule
	inbox   setup.Inbox
	status  fetch.StatusKeeper
	turn    *turn // nil where no other node fetches

	throttled func(account string) // told of each request that was one too many; may be nil

	result  fetch.Result
	checked []checkLine
	plan    *fetch.Estimate
}

// newJob is the job of an account.
func newJob(a *accountJob) job {
	if a.account.Pull != nil {
		return &pullJob{accountJob: a}
	}
	return &fetchJob{accountJob: a}
}

func (j *accountJob) base() *accountJob { return j }

// noteThrottled tells of a request that was refused because there were too many.
func (j *accountJob) noteThrottled() {
	if j.throttled != nil {
		j.throttled(j.account.Account)
	}
}

// dir is the folder of the account below state.
func (j *accountJob) dir() string { return Dir(j.cfg, j.account.Account) }

// command is a fetch of this account as a user types it.
func (j *accountJob) command(args ...string) string {
	return j.cfg.Command("fetch", append([]string{"--account", j.account.Account}, args...)...)
}

// backfill returns the options of a backfill, "" for a run of what changed since the last one.
func (j *accountJob) backfill() string {
	var options []string
	for _, o := range [][2]string{{"--from", j.opt.From}, {"--to", j.opt.To}} {
		if o[1] != "" {
			options = append(options, o[0], o[1])
		}
	}
	return strings.Join(options, " ")
}

// openStatus takes the status that the last run left; until is up to when the account is complete.
func (j *accountJob) openStatus(until time.Time) {
	last, _ := ReadStatus(j.dir()) // without it, the last error is not shown while this run lasts
	j.status.Save = func(st fetch.Status) {
		if j.turn.holds() {
			writeStatus(j.dir(), st)
		}
	}
	j.status.Open(last, j.account.Account, until)
}

// runJob does what was asked for.
func runJob(ctx context.Context, j job) (err error) {
	b := j.base()
	if b.opt.DryRun {
		b.plan, err = j.estimate(ctx)
		return err
	}
	unlock, err := lock(b.cfg, b.account.Account, b.turn)
	if err != nil {
		return err
	}
	defer unlock()
	err = j.work(ctx)
	b.noteEnd(err, j.followsChanges())
	return err
}

func (j *accountJob) noteEnd(err error, counts bool) {
	switch now := time.Now(); {
	case !counts:
		j.status.Restore()
	case errors.Is(err, context.Canceled):
		j.status.Stop()
	default:
		var next time.Time
		if j.next > 0 {
			next = now.Add(j.next)
		}
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		j.status.End(now, next, j.result.Summary, problem, ui.HintOf(err))
	}
}

func (j *accountJob) line(what string, err error, text string) checkLine {
	l := checkLine{Account: j.account.Account, What: what, OK: err == nil, Text: text}
	if err != nil {
		l.Text, l.Hint = err.Error(), ui.HintOf(err)
	}
	if spapi.KindOf(err) == spapi.KindRole { // its own hint is to run this check
		l.Hint = roleHint
	}
	return l
}

// clockLines compare this computer's clock with Amazon's. Fetching bears any difference; whoever reads the times
// of files, or asks for orders up to now, does not.
func (j *accountJob) clockLines(ours, theirs time.Time) []checkLine {
	off := ours.Sub(theirs).Round(time.Second)
	if theirs.IsZero() || off.Abs() < fetch.Recent {
		return nil
	}
	way := "ahead of"
	if off < 0 {
		way = "behind"
	}
	return []checkLine{j.line("clock", ui.WithHint(fmt.Errorf("this computer's clock is %s %s Amazon's", span(off.Abs()), way), "let the computer set its clock by the network, and look at its time zone"), "")}
}

func (j *accountJob) tellCheck(lines []checkLine) error {
	j.checked = lines
	bad := false
	for _, l := range lines {
		bad = bad || !l.OK
		if j.opt.JSON {
			continue
		}
		if l.OK {
			j.words.say(l.Account, "ok: "+l.Text)
		} else {
			j.words.say(l.Account, "WRONG: "+l.What+": "+l.Text)
			if l.Hint != "" {
				j.s.PrintPhrase(j.s.Err, "  hint: %s\n", l.Hint)
			}
		}
	}
	if bad {
		return ui.WithHint(fmt.Errorf("account %s: %w", j.account.Account, ErrCheck), "see the lines above")
	}
	return nil
}

// checkLine is one thing that fetch --check has looked at.
type checkLine struct {
	Account string `json:"account"`
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
}

// ErrCheck says that fetch --check has found something; its lines say what.
var ErrCheck = errors.New("not everything is right")

// checkTimeout is how long a check waits for one answer, and it asks once: a person waits for it.
const checkTimeout = 4 * time.Second

const roleHint = "add the role to the app in Seller Central, Develop Apps, then authorise it again"
