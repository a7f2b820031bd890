// Package pull fetches the orders of any shop with a JSON interface, page by page, and puts each answer's body,
// unchanged, where others read it. How the shop is asked, and what of an answer are orders, a Source knows.
//
// As with Amazon's orders, nothing is lost: a page is durable before the cursor that stands behind it moves. A
// run that is killed goes on where the last durable page ended, or asks once more; whoever reads the files
// knows an order by its number.
package pull

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"obmen/fetch"
)

// MostPages bounds a window: what has more pages never ends.
const MostPages = 10_000

// Puller fetches the orders of one account. Its fields are set before the first call; calls come one after
// another.
type Puller struct {
	Account string
	Label   string // the account in names of files
	Source  Source
	Client  *Client
	Store   fetch.Store
	Folder  fetch.Folder

	Overlap     time.Duration // how far each run reaches back into the one before
	From, Until time.Time     // a backfill of what changed between the two; the zero From is what changed since the last run
	First       time.Time     // where the first run begins

	Now        func() time.Time
	OnProgress func(Progress) // told of every page; may be nil
}

// Progress is how far a run has come.
type Progress struct {
	Since         time.Time
	Pages, Orders int // of this window, those of an earlier run among them
	Resumed       bool
}

// CursorName is the name under which an account's cursor is kept.
func CursorName(account string) string { return "pull " + account }

// run is one run of a Puller.
type run struct {
	*Puller
	name  string
	value string // of the cursor, as the store has it
	pos   Position
	seen  map[string]bool // tokens
	last  [sha256.Size]byte
	sum   fetch.Summary
}

// Position reads where the account stands.
func (p *Puller) Position(ctx context.Context) (Position, error) {
	value, _, err := p.Store.Cursor(ctx, CursorName(p.Account))
	if err != nil {
		return Position{}, err
	}
	return ReadPosition(value)
}

// Plan returns the first request of the run. Nothing is asked or changed.
func (p *Puller) Plan(ctx context.Context) (Request, time.Time, error) {
	r, err := p.open(ctx)
	if err != nil {
		return Request{}, time.Time{}, err
	}
	w, _ := r.window()
	return p.Source.Request(w.turn()), w.Since, nil
}

// Probe asks for the first page of what changed since a moment, and saves nothing.
func (p *Puller) Probe(ctx context.Context, since time.Time) (found Found, date time.Time, err error) {
	ans, err := p.Client.ask(ctx, p.Source.Request(Turn{Since: since, Until: p.Now()}), func(body []byte) (err error) {
		found, err = p.Source.LookAt("", body)
		return err
	})
	if err != nil {
		return Found{}, time.Time{}, err
	}
	return found, ans.Date, nil
}

// Run asks for everything that changed since the last run ended, or for the backfill.
func (p *Puller) Run(ctx context.Context) (fetch.Summary, error) {
	r, err := p.open(ctx)
	if err != nil {
		return fetch.Summary{}, err
	}
	err = r.fetchWindow(ctx)
	return r.sum, err
}

func (p *Puller) open(ctx context.Context) (*run, error) {
	r := &run{Puller: p, name: CursorName(p.Account), seen: map[string]bool{}}
	if !p.From.IsZero() {
		r.name += " from " + p.From.UTC().Format(time.RFC3339) + " " + p.Until.UTC().Format(time.RFC3339)
	}
	var err error
	if r.value, _, err = p.Store.Cursor(ctx, r.name); err != nil {
		return nil, err
	}
	r.pos, err = ReadPosition(r.value)
	return r, err
}

// window is the one to ask for: the one that was begun, or the one behind the last.
func (r *run) window() (w *Window, resumed bool) {
	now := r.Now()
	w = &Window{Since: r.From, Until: r.Until, Begun: now.UTC()}
	if r.From.IsZero() {
		w.Since, w.Until = r.First, now
		if !r.pos.Done.IsZero() {
			w.Since = r.pos.Done.Add(-r.Overlap)
		}
	} else if r.Until.IsZero() {
		w.Until = now
	}
	w.Since, w.Until = w.Since.UTC().Truncate(time.Second), w.Until.UTC().Truncate(time.Second)
	w.Filter = r.filter()
	if old := r.pos.Window; old != nil && old.canResume(w.Filter, now) {
		return old, true
	}
	return w, false
}

// filter returns the text of what the source asks for, apart from moments and pages and without secrets.
func (r *run) filter() string {
	at := time.Unix(0, 0)
	q := r.Source.Request(Turn{Since: at, Until: at})
	sum := sha256.Sum256([]byte(q.Method + " " + q.URL + " " + q.Body))
	return hex.EncodeToString(sum[:8])
}

func (w *Window) turn() Turn { return Turn{w.Since, w.Until, w.Token} }

// fetchWindow fetches a window, or what is left of it.
func (r *run) fetchWindow(ctx context.Context) error {
	w, resumed := r.window()
	r.reportWindow(w, resumed)
	for {
		if w.Pages >= MostPages {
			return r.dropWindow(ctx, fmt.Errorf("%s for account %q: %w: more than %d of them", r.Source.Name(), r.Account, ErrEndless, MostPages))
		}
		next, err := r.fetchPage(ctx, w)
		if err != nil {
			return err
		}
		r.reportWindow(w, resumed)
		if next == "" {
			break
		}
		w.Token = next
		r.pos.Window = w
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	r.sum.Windows++
	if r.sum.Until = w.end(); !r.From.IsZero() {
		return r.swapPosition(ctx, "") // a backfill that is complete is forgotten
	}
	r.pos = Position{Done: later(r.pos.Done, r.sum.Until)}
	return r.save(ctx)
}

// fetchPage asks for one page and makes it durable. One that cannot be read is saved, too, and ends the run.
func (r *run) fetchPage(ctx context.Context, w *Window) (next string, err error) {
	var found Found
	ans, err := r.Client.ask(ctx, r.Source.Request(w.turn()), func(body []byte) (err error) {
		found, err = r.Source.LookAt(w.Token, body)
		return err
	})
	if ans == nil {
		return "", err
	}
	if err != nil {
		return "", errors.Join(err, r.put(ctx, w, ans, err))
	}
	if w.Token == "" {
		w.Date = ans.Date
	}
	if err := r.checkProgress(ctx, w, found, ans); err != nil {
		return "", err
	}
	if found.Orders == 0 {
		return found.Next, nil
	}
	w.Pages++
	if err := r.put(ctx, w, ans, nil); err != nil {
		return "", err
	}
	w.Orders += found.Orders
	r.sum.Pages++
	r.sum.Orders += found.Orders
	return found.Next, nil
}

// checkProgress ends a run that would never end: the same page again, or a page that leads back.
func (r *run) checkProgress(ctx context.Context, w *Window, found Found, ans *Answer) error {
	sum := sha256.Sum256(ans.Body)
	same := found.Orders > 0 && w.Token != "" && sum == r.last
	r.last = sum
	r.seen[w.Token] = true
	if same || found.Next != "" && r.seen[found.Next] || found.Orders == 0 && found.Next != "" && len(r.seen) > MostPages {
		return r.dropWindow(ctx, fmt.Errorf("%s for account %q, page %d: %w: the same page came again", r.Source.Name(), r.Account, w.Pages+1, ErrEndless))
	}
	return nil
}

// dropWindow ends a window that leads nowhere: the next run begins it again.
func (r *run) dropWindow(ctx context.Context, err error) error {
	r.pos.Window = nil
	return errors.Join(err, r.save(ctx))
}

// put makes a page durable as a file.
func (r *run) put(ctx context.Context, w *Window, ans *Answer, unread error) error {
	number := w.Pages
	if unread != nil {
		number++
	}
	label := cmp.Or(r.Label, r.Account)
	stem := fmt.Sprintf("%s-%s-%s-%s-p%04d", r.Source.Name(), label, w.Since.Format(fetch.Stamp), w.Begun.UTC().Format(fetch.Stamp), number)
	e := fetch.Envelope{
		Account: r.Account, Operation: "pull " + r.Source.Name(), Request: shownRequest(ans.Request),
		Received: ans.Received, Body: ans.Body, Unread: unread, Refused: unread != nil,
	}
	return e.Put(ctx, r.Folder, stem)
}

// shownRequest is a request without its headers, which hold the secrets.
func shownRequest(q Request) any {
	shown := struct {
		Method string          `json:"method"`
		URL    string          `json:"url"`
		Body   json.RawMessage `json:"body,omitempty"`
	}{q.Method, q.URL, nil}
	if json.Valid([]byte(q.Body)) {
		shown.Body = json.RawMessage(strings.TrimSpace(q.Body))
	}
	return shown
}

func (r *run) reportWindow(w *Window, resumed bool) {
	if r.OnProgress != nil {
		r.OnProgress(Progress{w.Since, w.Pages, w.Orders, resumed})
	}
}

func (r *run) save(ctx context.Context) error {
	text, err := r.pos.encode()
	if err != nil {
		return err
	}
	return r.swapPosition(ctx, text)
}

func (r *run) swapPosition(ctx context.Context, value string) error {
	if err := fetch.SwapCursor(ctx, r.Store, r.Account, r.name, r.value, value); err != nil {
		return err
	}
	r.value = value
	return nil
}
