// Package fetch saves Amazon's orders as files: it asks for everything that changed since the last time,
// page by page, and puts each answer's body, unchanged, where others read it.
//
// Nothing is lost: a page is durable before the cursor that stands behind it moves, so that a run that is
// killed goes on where the last durable page ended, or asks once more. Asking more than once does no harm
// here; whoever reads the files knows an order by its number and its time of change.
//
// Amazon's bounds are inclusive, its clock is the only one that counts, and what changed a moment ago may
// not be found yet. So the next window begins at the end that Amazon named for the last one, less an
// overlap.
//
// The package knows neither where cursors are kept nor what becomes of the files: it gets a Store and a
// put function.
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"obmen/fetch/spapi"
)

// The defaults of a Fetcher.
const (
	// DefaultOverlap is how far each window reaches back into the one before: what Amazon shows late was
	// seen hours late, never a day (reports lag by half an hour).
	DefaultOverlap = 6 * time.Hour
	// DefaultWindow bounds what has to be asked again when a page token has expired: a week of a seller
	// with 5,000 orders a day is read in 18 hours, and a token lives for 24.
	DefaultWindow = 7 * 24 * time.Hour
	// DefaultDepth is how far back a first run asks.
	DefaultDepth = 30 * 24 * time.Hour
	// MaxDepth is how far back Amazon tells of orders.
	MaxDepth = 2 * 365 * 24 * time.Hour
	// Recent is how near to now a window has no end of its own: Amazon names one by its own clock, which
	// may be minutes away from ours, and refuses an end in the last two minutes.
	Recent = 15 * time.Minute
	// shortest is how short windows become whose tokens expire on the way.
	shortest = time.Hour
	// TokenLife is how long a page token is used; Amazon promises 24 hours.
	TokenLife = 23 * time.Hour
)

// Source is Amazon, as *spapi.Client asks it.
type Source interface {
	SearchOrders(ctx context.Context, p spapi.SearchParams) (*spapi.Page, error)
	GetOrder(ctx context.Context, id string, included []spapi.Dataset) (*spapi.Order, error)
}

var _ Source = (*spapi.Client)(nil)

// Store keeps cursors durably. Swap sets a cursor if it still is old (empty: not set), and reports whether
// it was.
type Store interface {
	Cursor(ctx context.Context, name string) (value string, found bool, err error)
	SwapCursor(ctx context.Context, name, old, value string) (swapped bool, err error)
}

// Folder receives files for good. A name that is taken by other bytes is ErrTaken, one that is taken by
// the very same bytes is no error.
type Folder interface {
	// Put makes a small file durable before it returns nil.
	Put(ctx context.Context, name string, content []byte) error
	// Create begins a file of any size. It can be seen by nobody until it is published.
	Create() (File, error)
}

// File is a file that is being written.
type File interface {
	io.Writer
	// Publish makes the file durable under its name before it returns nil.
	Publish(ctx context.Context, name string) error
	// Abort removes the file unless it is published.
	Abort() error
}

// Fetcher fetches the orders of one account. Its fields are set before the first call; calls come one
// after another.
type Fetcher struct {
	Account      string
	Label        string   // the account in names of files, fit for every file system; empty means Account
	Marketplaces []string // ids; empty for all of the account
	Included     []spapi.Dataset
	Source       Source
	Store        Store
	Folder       Folder

	Overlap *time.Duration // nil means DefaultOverlap
	Window  time.Duration  // 0 means DefaultWindow
	First   time.Time      // where the first run of the account begins; zero means DefaultDepth ago

	Now        func() time.Time // wall clock
	OnProgress func(Progress)   // told of every page; may be nil
}

// Progress says how far a run has come.
type Progress struct {
	Account string
	From    time.Time // of the window that is asked for
	Until   time.Time // its end; zero while nobody has named one
	Pages   int       // of this window, those of an earlier run among them
	Orders  int       // in them
	At      time.Time // when the last order of the last page changed; zero when it does not say
	Resumed bool      // the window was begun by an earlier run
	Request string    // Amazon's number of the last request
}

// Summary is what a run has done.
type Summary struct {
	Windows, Pages, Orders int
	Until                  time.Time       // all that changed before it is saved
	Absent                 []spapi.Dataset // personal data that was asked for and is on no page
}

// Errors that Run and its companions give, besides those of the source, the store and put.
var (
	// ErrRepeated says that Amazon gave a page token for the second time: following it would never end.
	ErrRepeated = errors.New("the same page token came from Amazon again")
	// ErrOvertaken says that another run has moved the cursor.
	ErrOvertaken = errors.New("another run fetches for this account")
	// ErrTaken says that a name is taken by other bytes.
	ErrTaken = errors.New("another file has this name")
)

// Run asks for everything that changed since the last run ended, in as many windows as it takes.
func (f *Fetcher) Run(ctx context.Context) (Summary, error) {
	c, err := f.openRun(ctx, cursorRun{name: CursorName(f.Account)})
	if err != nil {
		return Summary{}, err
	}
	return c.fetchAll(ctx)
}

// Backfill asks for all orders that were created between two moments, whatever was fetched before. A run
// that was cut short goes on when the same is asked for again. The cursor of Run does not move.
func (f *Fetcher) Backfill(ctx context.Context, from, until time.Time) (Summary, error) {
	c, err := f.openRun(ctx, backfillRun(f.Account, from, until))
	if err != nil {
		return Summary{}, err
	}
	return c.fetchAll(ctx)
}

// CursorName is the name under which an account's cursor is kept.
func CursorName(account string) string { return "fetch " + account }

func (f *Fetcher) fileLabel() string { return cmp.Or(f.Label, f.Account) }

func (f *Fetcher) overlapTime() time.Duration {
	if f.Overlap == nil {
		return DefaultOverlap
	}
	return *f.Overlap
}

func (f *Fetcher) windowLength() time.Duration { return cmp.Or(f.Window, DefaultWindow) }

func (f *Fetcher) reportProgress(p Progress) {
	if f.OnProgress != nil {
		f.OnProgress(p)
	}
}

// Orders asks for single orders by their numbers and saves the answers. It ends at the first that Amazon
// does not give; those before it are saved.
func (f *Fetcher) Orders(ctx context.Context, ids []string) (Summary, error) {
	var sum Summary
	for _, id := range ids {
		answer, unread := f.Source.GetOrder(ctx, id, f.Included)
		if answer == nil {
			return sum, fmt.Errorf("order %s: %w", id, unread)
		}
		stem := fmt.Sprintf("amazon-%s-order-%s-%s", f.fileLabel(), id, f.Now().UTC().Format(Stamp))
		if err := f.putPage(ctx, stem, &answer.Answer, unread); err != nil {
			return sum, err
		}
		if unread != nil {
			return sum, fmt.Errorf("order %s: %w", id, unread)
		}
		sum.Pages++
		sum.Orders++
		f.reportProgress(Progress{Account: f.Account, Pages: sum.Pages, Orders: sum.Orders, Request: answer.RequestID})
	}
	return sum, nil
}
