package review

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

func cureCommand(s ui.Streams) *cli.Command {
	var opt desk.CureOptions
	var part desk.KitPart
	var undo bool
	return &cli.Command{
		Name:  "cure",
		Usage: "write the product of an SKU that orders wait for into skus.csv",
		Description: "The line goes behind all others, in the file's own encoding, delimiter and columns. A running watcher sends\n" +
			"the orders at once. `obmen held --causes` lists the SKUs, `obmen held find TEXT` the products.",
		ArgsUsage: "SKU",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "product", Usage: "SKU, code or id of a line in products.csv: `ID`", Destination: &part.Product},
			&cli.StringFlag{Name: "quantity", Usage: "`UNITS` of the product in one sold unit (default: 1)", Destination: &part.Quantity},
			&cli.StringFlag{Name: "marketplace", Usage: "only for this `PLACE` (default: each that orders wait for)", Destination: &opt.Marketplace},
			&cli.BoolFlag{Name: "dry-run", Usage: "show the line and write nothing", Destination: &opt.Preview},
			&cli.BoolFlag{Name: "undo", Usage: "take the line written last for the SKU out again; orders that went out stay", Destination: &undo},
		},
		Action: func(c *cli.Context) error {
			if undo && c.NArg() == 1 && part.Product == "" {
				return runTakeBack(c.Context, c.Path("config"), c.Args().First(), c.Bool("json"), s)
			}
			if c.NArg() != 1 || part.Product == "" {
				return ui.Misuse(words.New("cure.name-sku"), words.Plain(config.Command(c.Path("config"), "held", "cure", "--product", "ID", "SKU")))
			}
			opt.SKU, opt.Parts = c.Args().First(), []desk.KitPart{part}
			return runCure(c.Context, c.Path("config"), opt, c.Bool("json"), s)
		},
	}
}

func runCure(ctx context.Context, settings string, opt desk.CureOptions, json bool, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, settings)
	if err != nil {
		return err
	}
	defer session.Close()
	done, err := session.Cure(ctx, opt)
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, done)
	case opt.Preview:
		s.Tell("cure.would-write", "File", done.File)
	default:
		s.Tell("cure.written", "File", done.File)
	}
	for _, line := range done.Lines {
		s.Tell("cure.line", "Line", line)
	}
	s.Line(words.Count("cure.orders", done.Orders))
	if !done.Running && !opt.Preview {
		s.Tell("cure.later")
	}
	return nil
}

// runTakeBack takes the lines of an SKU out of skus.csv again.
func runTakeBack(ctx context.Context, settings, sku string, json bool, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, settings)
	if err != nil {
		return err
	}
	defer session.Close()
	done, err := session.TakeBack(ctx, desk.TakeBackOptions{SKU: sku})
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, done)
	}
	s.Line(words.Count("takeback.done", done.Out, "File", done.File))
	for _, line := range done.Lines {
		s.Tell("cure.line", "Line", line)
	}
	return nil
}

func findProductCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "find",
		Usage:     "search products.csv by parts of SKU, code, barcode and name",
		ArgsUsage: "TEXT",
		Flags:     []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
		Action: func(c *cli.Context) error {
			query := strings.Join(c.Args().Slice(), " ")
			if strings.TrimSpace(query) == "" {
				return ui.Misuse(words.New("cure.name-query"), words.Plain(config.Command(c.Path("config"), "held", "find", "TEXT")))
			}
			cfg, err := setup.LoadSettings(c.Path("config"))
			if err != nil {
				return err
			}
			list, err := setup.NewDesk(cfg, nil).FindProducts(query)
			switch {
			case err != nil:
				return err
			case c.Bool("json"):
				return ui.PrintJSON(s.Out, list)
			}
			printProducts(s, query, list)
			return nil
		},
	}
}

func printProducts(s ui.Streams, query string, list []desk.FoundProduct) {
	if len(list) == 0 {
		s.Tell("cure.found-none", "Query", query)
	}
	for _, p := range list {
		if p.Code == "" {
			s.Tell("cure.found", "SKU", p.SKU, "Name", p.Name)
			continue
		}
		s.Tell("cure.found-code", "SKU", p.SKU, "Name", p.Name, "Code", p.Code)
	}
}

func printCauses(ctx context.Context, session *setup.Session, chosen desk.HeldOptions, json bool, s ui.Streams) error {
	causes, err := session.HeldCauses(ctx, chosen)
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, causes)
	case len(causes) == 0:
		s.Tell("held.none")
	}
	for i := range causes {
		printCause(s, &causes[i])
	}
	return nil
}

func printCause(s ui.Streams, c *desk.Cause) {
	orders := words.Count("count.orders", c.Orders)
	why, _ := s.Words().HoldCode(c.Code, c.File)
	switch {
	case c.Line == "":
		s.Tell("cause.code", "Count", orders, "Why", why)
	case c.Title == "":
		s.Tell("cause.line", "Count", orders, "File", c.File, "Line", c.Line)
	default:
		s.Tell("cause.line-title", "Count", orders, "File", c.File, "Line", c.Line, "Title", c.Title)
	}
	var sums []string
	for _, sum := range c.Sums {
		sums = append(sums, s.Words().Figure(sum.Amount)+" "+sum.Currency)
	}
	if sums == nil {
		s.Tell("cause.since", "Since", c.Since.Time)
		return
	}
	s.Tell("cause.sums", "Sums", sums, "Since", c.Since.Time)
}
