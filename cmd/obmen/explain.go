package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/source"
	"obmen/watch"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
	"obmen/watch/store"
)

func explainCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "show where every number of an order comes from and where the order went",
		ArgsUsage: "ORDER",
		Flags:     []cli.Flag{configFlag(), jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage(config.Command(c.Path("config"), "explain", "302-1234567-1234567"), "name one order by the marketplace's number")
			}
			return runExplain(c.Context, c.Path("config"), c.Args().First(), c.Bool("json"), s)
		},
	}
}

func runExplain(ctx context.Context, config, id string, json bool, s ui.Streams) error {
	shop, err := openShop(ctx, config)
	if err != nil {
		return err
	}
	defer shop.Close()
	list, err := shop.stories(ctx, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return ui.WithHint(fmt.Errorf("explain %q: no order with this number was exported or held", id), "check the number; an order that a rule leaves out (cancelled, for one) is not kept in mind")
	}
	if json {
		return ui.PrintJSON(s.Out, jsonStories(list))
	}
	for i := range list {
		list[i].text(s.Out)
	}
	return nil
}

// story is all that is known of one order.
type story struct {
	id       string
	exported *ledger.Order      // nil when it never was
	document *document.Document // as it was exported; nil when it never was, or after a purge
	sets     []ledger.Set       // with this order
	hold     *ledger.Hold       // nil when it does not wait
	gone     *ledger.Dismissal  // nil when nobody has dismissed it
	source   string             // SHA-256 of the kept file that tells it
	file     string             // the name that came with
	today    *convert.Explanation
	missing  string // why today is nil
}

// stories looks an order number up in the ledger: one story for each scope that knows it.
func (s *shop) stories(ctx context.Context, id string) ([]story, error) {
	var list []story
	at := func(key ledger.Key) *story {
		for i := range list {
			if list[i].scope() == key.Scope {
				return &list[i]
			}
		}
		list = append(list, story{id: id})
		return &list[len(list)-1]
	}
	orders, err := s.book.Orders(ctx, ledger.OrderFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range orders {
		at(orders[i].Key).exported = &orders[i]
	}
	holds, err := s.book.Holds(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range holds {
		at(holds[i].Key).hold = &holds[i]
	}
	gone, err := s.book.Dismissals(ctx, ledger.HoldFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range gone {
		at(gone[i].Key).gone = &gone[i]
	}
	sets, err := s.book.Sets(ctx, ledger.SetFilter{Order: id})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.fill(ctx, &list[i], sets); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (t *story) scope() string {
	switch {
	case t.exported != nil:
		return t.exported.Scope
	case t.hold != nil:
		return t.hold.Scope
	}
	return t.gone.Scope
}

// member is the order's place in a set.
func (t *story) member(set *ledger.Set) *ledger.Member {
	i := slices.IndexFunc(set.Orders, func(m ledger.Member) bool { return m.Key == ledger.Key{Scope: t.scope(), Order: t.id} })
	if i < 0 {
		return nil
	}
	return &set.Orders[i]
}

// fill finds where an order went and what its kept file says with today's catalogs.
func (s *shop) fill(ctx context.Context, t *story, sets []ledger.Set) error {
	for i := range sets {
		if m := t.member(&sets[i]); m != nil {
			t.sets = append(t.sets, sets[i])
			t.source = m.SHA256
		}
	}
	if t.exported != nil {
		t.document = outbox.Document(t.exported.Facts)
	}
	hold := t.hold
	if hold == nil && t.gone != nil {
		hold = &t.gone.Hold
	}
	if hold != nil {
		t.source, t.file = hold.SHA256, watch.FileOf(hold)
	}
	return s.convertAgain(ctx, t)
}

// convertAgain converts the order anew, for nothing but its figures.
func (s *shop) convertAgain(ctx context.Context, t *story) error {
	files, err := s.book.Files(ctx, ledger.FileFilter{SHA256: t.source, Limit: 1})
	if err != nil {
		return err
	}
	if len(files) > 0 {
		t.file = files[0].Name
	}
	seal, err := loadSeal(s.cfg)
	if err != nil {
		t.missing = err.Error()
		return nil
	}
	in, err := store.Store{State: s.cfg.Folders.State, Encryption: seal}.ExistingInput(t.source, t.file)
	if errors.Is(err, fs.ErrNotExist) || t.source == "" {
		t.missing = "the kept file it came in is gone; the archive may still have " + t.file
		return nil
	}
	if err != nil {
		return err
	}
	cat, err := loadCatalogs(s.cfg.Folders.Catalogs)
	if err != nil {
		return err
	}
	opt := s.cfg.Options
	opt.Account = s.account(files)
	list, err := convert.Explain(ctx, []source.Input{in}, cat, opt, t.id)
	if err != nil {
		t.missing = err.Error()
		return nil
	}
	for i := range list {
		if list[i].Outcome.Scope == t.scope() && list[i].Outcome.Rule == "" || len(list) == 1 {
			t.today = &list[i]
		}
	}
	if t.today == nil {
		t.missing = "the kept file does not tell it in whole: its other half came in another file"
	}
	return nil
}

// account is the seller account that the route of a file gives to orders which name none.
func (s *shop) account(files []ledger.FileRecord) string {
	for _, r := range s.routes {
		if len(files) > 0 && r.Name == files[0].Route {
			return r.Account
		}
	}
	return ""
}
