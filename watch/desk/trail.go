package desk

import (
	"context"
	"strings"
	"time"

	"obmen/watch/desk/roles"
	"obmen/watch/ledger"
)

// Trace is one thing that a person did on the page.
type Trace struct {
	At    Moment `json:"at"`
	Who   string `json:"who"`
	What  string `json:"what"`  // the operation: dismiss, undo, retry, replay, requeue, put, cure …
	About string `json:"about"` // orders and files
}

// mostAbout bounds what the trail keeps of one operation.
const mostAbout = 500

// begin refuses an operation to who may not do it, and else notes it in the trail before it is done: what was cut
// short was begun. The command line leaves no trail: it belongs to who may change the ledger itself.
func (d *Desk) begin(ctx context.Context, least roles.Role, what string, about ...string) error {
	if err := d.allow(least); err != nil || d.actor == nil {
		return err
	}
	text := strings.TrimSpace(strings.Join(about, " "))
	if len(text) > mostAbout {
		text = strings.ToValidUTF8(text[:mostAbout], "") + " …"
	}
	return d.Ledger.AddTrace(ctx, ledger.Trace{At: time.Now(), Who: d.actor.Name, What: what, About: text})
}

// Trail lists what people did on the page, the newest first.
func (d *Desk) Trail(ctx context.Context, page Page) ([]Trace, error) {
	const usual = 100
	limit := page.Limit
	if limit == 0 {
		limit = usual
	}
	list, err := d.Ledger.Trail(ctx, page.Offset, limit)
	all := make([]Trace, len(list))
	for i, t := range list {
		all[i] = Trace{Moment{t.At}, t.Who, t.What, t.About}
	}
	return all, err
}

// StoreSecrets lets an administrator store the secrets of an account; nothing of them is in the trail.
func (d *Desk) StoreSecrets(ctx context.Context, account string, store func() error) error {
	if err := d.begin(ctx, roles.Admin, "secrets", account); err != nil {
		return err
	}
	return store()
}

// ApplySettings lets an administrator apply changed settings.
func (d *Desk) ApplySettings(ctx context.Context, apply func() []error) ([]error, error) {
	if err := d.begin(ctx, roles.Admin, "settings"); err != nil {
		return nil, err
	}
	return apply(), nil
}
