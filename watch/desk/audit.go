package desk

import (
	"context"
	"crypto/sha256"
	"os"
	"time"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/source"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
)

// AuditOptions name the reports that Audit compares with the ledger.
type AuditOptions struct {
	Reports []source.Input
	Account string // of orders that name none
}

// Audit is a comparison of reports with what was exported. Its findings are kept in a temporary file until
// Close: there may be as many as orders.
type Audit struct {
	desk  *Desk
	opt   AuditOptions
	found *findings
	tally
}

// tally is what is known so far.
type tally struct {
	seen     map[auditKey]struct{}
	accounts map[string]int // orders of each that its cure fetches one by one
	markets  map[string]bool

	From, To time.Time // of the first and the last order, by their documents
	Agree    int       // orders
	Purged   int       // exported, and nothing is kept of the document's contents
	Unplaced int       // exported since, in no report, and nothing is kept of when they were ordered
	Unproven int       // exported, and the report does not state for certain what they come to
	Unread   int       // rows of the reports without an order number
	Doubt    Example   // of Unproven
	Blank    Example   // of Unread
}

// Example is the first of its kind.
type Example struct{ Origin, Why string }

// Audit compares All Orders reports of a period with what was exported. The caller closes the result.
func (d *Desk) Audit(ctx context.Context, opt AuditOptions) (*Audit, error) {
	found, err := newFindings()
	if err != nil {
		return nil, &words.Error{Text: words.Plain(err.Error()), Next: words.New("audit.no-temp", "Dir", os.TempDir()), Err: err}
	}
	a := &Audit{desk: d, opt: opt, found: found}
	if err := a.read(ctx); err != nil {
		a.Close()
		return nil, err
	}
	if err := a.findExtra(ctx); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Close removes the findings.
func (a *Audit) Close() { a.found.close() }

// Orders is the number of orders in the reports.
func (a *Audit) Orders() int { return len(a.seen) }

// Differences is the number of findings that are to be mended.
func (a *Audit) Differences() int { return a.found.n }

// DismissedOrders is the number of findings about orders that a person has dealt with.
func (a *Audit) DismissedOrders() int { return a.found.gone }

// Each hands on all findings: the differences first, then what is dismissed.
func (a *Audit) Each(take func(*Finding) error) error { return a.found.each(take) }

// EachOf hands on the differences, or what is dismissed.
func (a *Audit) EachOf(dismissed bool, take func(*Finding) error) error {
	return a.found.eachOf(dismissed, take)
}

// auditKey stands for a ledger.Key: a report has many, and two of one hash do not occur.
type auditKey [16]byte

func auditKeyOf(k ledger.Key) auditKey {
	sum := sha256.Sum256([]byte(k.Scope + "\x00" + k.Order))
	return auditKey(sum[:16])
}

// auditSink takes the orders of the reports; nothing is written.
type auditSink struct {
	*Audit
	ctx context.Context // of the run that the sink belongs to
}

// Outcome is that of convert.Sink.
func (a auditSink) Outcome(o convert.Outcome) error { return a.compare(a.ctx, &o) }

// Batch is that of convert.Sink.
func (a auditSink) Batch(context.Context, document.Batch) error { return nil }

// Reset is that of convert.Sink.
func (a auditSink) Reset() error {
	a.tally = newTally()
	return a.found.discard()
}

func newTally() tally {
	return tally{seen: map[auditKey]struct{}{}, accounts: map[string]int{}, markets: map[string]bool{}}
}

// read reads the reports as convert does, but for the catalogs: what they lack is no difference between
// Amazon and obmen.
func (a *Audit) read(ctx context.Context) error {
	cat, err := a.desk.Catalog()
	if err != nil {
		return err
	}
	opt := a.desk.Options
	opt.Account = a.opt.Account
	opt.Match.UnknownProduct, opt.Match.UnknownCustomer, opt.Match.DefaultCustomer = convert.Create, convert.Create, ""
	opt.BatchSize = auditBatch
	a.tally = newTally()
	files, err := convert.Run(ctx, a.opt.Reports, cat, opt, auditSink{a, ctx})
	if err != nil {
		return err
	}
	for i := range files {
		if files[i].Err != nil {
			return files[i].Err
		}
	}
	if len(a.seen) == 0 && a.Unread == 0 {
		return words.Refuse(words.New("audit.no-orders"), words.New("audit.look-at-period"))
	}
	return nil
}

// auditBatch bounds the documents that are gathered and not used.
const auditBatch = 100
