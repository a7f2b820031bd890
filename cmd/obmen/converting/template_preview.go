package converting

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/layout"
)

// previewOptions are what `obmen template preview` was asked for.
type previewOptions struct {
	Dir, File, Order      string
	Catalogs, Config, Out string
	Account, Charset      string
}

func templatePreview(s ui.Streams) *cli.Command {
	const description = "DIR is a layout's folder, or the name of a built-in layout. FILE is an order file; its first order that can\ngo out is laid out, or the one that --order names. XML is printed, always in UTF-8; a workbook goes to a file."
	flags := []cli.Flag{
		&cli.StringFlag{Name: "order", Usage: "`ID` of the order to show (default: the first one)"},
		&cli.PathFlag{Name: "catalogs", Usage: "`DIR` with products.csv and its companions"},
		&cli.PathFlag{Name: "out", Usage: "the workbook goes to `FILE` (default: preview.xlsx)"},
		&cli.StringFlag{Name: "account", Usage: "seller account `NAME` of orders that name none"},
		&cli.StringFlag{Name: "charset", Usage: "encoding `NAME` of the report, when obmen takes it for another"},
	}
	return templateBelow("preview", "DIR FILE", "lay out one real order", description, 2, flags, func(c *cli.Context) error {
		return runPreview(c.Context, previewOptions{
			Dir: c.Args().First(), File: c.Args().Get(1), Order: c.String("order"), Catalogs: c.Path("catalogs"),
			Config: c.Path("config"), Out: c.Path("out"), Account: c.String("account"), Charset: c.String("charset"),
		}, s)
	})
}

func runPreview(ctx context.Context, opt previewOptions, s ui.Streams) error {
	var set settings
	given := Options{Catalogs: opt.Catalogs, Config: opt.Config, Account: opt.Account}
	if err := set.readConfig(&given); err != nil {
		return err
	}
	l, err := previewLayout(set.Config, opt.Dir) // a mistake in another one is nothing to it
	if err != nil {
		return err
	}
	if err := set.readCatalogs(&given); err != nil {
		return err
	}
	ins, _, err := setup.FindInputs([]string{opt.File}, opt.Charset)
	if err != nil {
		return err
	}
	if set.Options.Match.UnknownProduct == "" && set.catalogs == "" {
		set.Options.Match.UnknownProduct = convert.Create // a look at a template needs no catalogs
	}
	set.Options.BatchSize = 1
	set.Options.Number = func(string, convert.Key) (string, error) { return set.Numbers.Text(set.Numbers.First()), nil }
	p := preview{want: opt.Order}
	files, err := convert.Run(ctx, ins, set.cat, set.Options, &p)
	if err != nil && !errors.Is(err, errFound) {
		return err
	}
	if p.batch.Documents == nil {
		return p.nothing(files, opt)
	}
	return p.write(ctx, l, opt, s)
}

// previewLayout compiles a layout's folder, or a layout by its name. The screen wants UTF-8.
func previewLayout(cfg *config.Config, dir string) (*layout.Layout, error) {
	t, err := findTemplate(cfg, dir)
	if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
		list, err := templatesOf(dir)
		if err != nil {
			return nil, err
		}
		if t = list[0]; len(list) > 1 {
			return nil, ui.Usage("name the folder of one layout: "+t.own+string(os.PathSeparator)+t.name, "%s holds %d layouts", dir, len(list))
		}
	} else if err != nil {
		return nil, err
	}
	settings := maps.Clone(cfg.Layout[t.name])
	delete(settings, "encoding")
	l, err := layout.Compile(t.fsys, t.name, settings)
	if err != nil {
		return nil, ui.InSettings(err)
	}
	return l, nil
}

// preview is a sink that waits for one document.
type preview struct {
	want  string
	batch document.Batch
	holds []convert.Outcome
	rules int
}

var _ convert.Sink = (*preview)(nil)

// errFound ends a run early.
var errFound = errors.New("found")

func (p *preview) Outcome(o convert.Outcome) error {
	switch {
	case o.Hold != nil && (p.want == "" || o.Order == p.want):
		p.holds = append(p.holds, o)
	case o.Document == nil:
		p.rules++
	}
	return nil
}

func (p *preview) Batch(_ context.Context, b document.Batch) error {
	for i := range b.Documents {
		if p.want == "" || b.Documents[i].Number == p.want {
			p.batch = b
			p.batch.Documents = b.Documents[i : i+1]
			return errFound
		}
	}
	return nil
}

func (p *preview) Reset() error {
	p.batch, p.holds, p.rules = document.Batch{}, nil, 0
	return nil
}

// nothing says why no order could be shown.
func (p *preview) nothing(files []convert.File, opt previewOptions) error {
	for i := range files {
		if files[i].Err != nil {
			return files[i].Err
		}
	}
	if len(p.holds) > 0 {
		h := p.holds[0]
		return ui.WithHint(fmt.Errorf("order %s is held: %s: %s", h.Order, h.Hold.Code, h.Hold.Sentence), h.Hold.Cure)
	}
	if opt.Order != "" {
		return ui.Usage("look for its id with `obmen convert --dry-run --json "+opt.File+"`", "%s has no order %s that goes out", opt.File, opt.Order)
	}
	return ui.WithHint(fmt.Errorf("%s has no order that goes out", opt.File), "take a file with an order that was paid for")
}

func (p *preview) write(ctx context.Context, l *layout.Layout, opt previewOptions, s ui.Streams) error {
	for _, part := range l.Parts() {
		out, done := s.Out, func() error { return nil }
		if part.Ext() != ".xml" {
			name := opt.Out
			if name == "" {
				name = "preview" + part.Ext()
			}
			f, err := os.Create(name)
			if err != nil {
				return ui.WithHint(err, "choose a file that you may write to: --out FILE")
			}
			out, done = f, f.Close
			s.PrintPhrase(s.Err, "workbook → %s\n", name)
		}
		report, err := part.Write(ctx, out, p.batch)
		if err := errors.Join(err, done()); err != nil {
			return err
		}
		for _, r := range report.Replaced {
			s.PrintPhrase(s.Err, "note: %s %s: %d characters could not be written as they are\n", r.Document, r.Field, r.Count)
		}
	}
	s.PrintPhrase(s.Err, "order %s by layout %s\n", p.batch.Documents[0].Number, l.Name())
	return nil
}
