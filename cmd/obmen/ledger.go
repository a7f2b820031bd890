package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

func ledgerCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "ledger",
		Usage: "rebuild obmen's memory after a loss",
		Subcommands: []*cli.Command{{
			Name:  "rebuild",
			Usage: "make a new ledger from archive, outbox, held.csv and dismissed.csv; the watcher must be stopped",
			Description: "Every archived file is converted again and nothing is published: what goes through counts as exported,\n" +
				"what held.csv and dismissed.csv name stays held and dismissed. Files that are no longer in the archive are forgotten\n" +
				"unless they have held orders, whose copies are kept.",
			Flags: []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
			Action: func(c *cli.Context) error {
				if err := setup.NoArguments(c, "obmen ledger rebuild --config FILE"); err != nil {
					return err
				}
				return runRebuild(c.Context, c.Path("config"), c.Bool("json"), s)
			},
		}},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return ui.Misuse(words.New("usage.no-subcommand", "Command", "obmen ledger", "Name", name), words.Plain("obmen ledger rebuild"))
			}
			return ui.Misuse(words.New("ledger.what-to-do"), words.Plain("obmen ledger rebuild"))
		},
	}
}

func runRebuild(ctx context.Context, path string, json bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	layouts, err := setup.LoadLayouts(cfg, cfg.Layouts)
	if err != nil {
		return err
	}
	fetched, err := serving.LoadFetched(cfg)
	if err != nil {
		return err
	}
	d := setup.NewDesk(cfg, nil)
	d.BySite = fetched.LayoutOf
	sum, err := d.Rebuild(ctx, layouts)
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, sum)
	}
	printRebuilt(s, sum)
	if len(sum.Lost) > 0 {
		return ui.ErrHeld
	}
	return nil
}

func printRebuilt(s ui.Streams, sum *desk.Rebuilt) {
	if sum.Old != "" {
		s.Tell("rebuild.old", "Path", sum.Old)
	}
	for _, path := range sum.Left {
		s.Tell("rebuild.left", "Path", ui.OneLine(path))
	}
	for _, path := range sum.Unknown {
		s.Tell("rebuild.unknown", "Path", ui.OneLine(path))
	}
	if len(sum.Lost) > 0 {
		s.Tell("rebuild.lost", "Orders", ui.OneLine(strings.Join(sum.Lost, ", ")), "Lists", ui.OneLine(strings.Join(sum.KeptLists, ", ")))
	}
	line := s.Words().Say("rebuild.done", "Files", words.Count("count.files", sum.Files), "Orders", words.Count("count.orders", sum.Orders),
		"Sets", words.Count("count.sets-in", sum.Sets), "Held", sum.Held, "Answers", sum.Answers)
	if sum.Dismissed > 0 {
		line += s.Words().Say("rebuild.dismissed", "Dismissed", sum.Dismissed)
	}
	fmt.Fprintln(s.Out, line)
}
