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
		Usage: "rebuild obmen's memory after a loss, or move it onto a server",
		Subcommands: []*cli.Command{moveCommand(s), {
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

func moveCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "move",
		Usage:     "move the ledger onto the server in url of [ledger], or back into a file; no watcher may run",
		ArgsUsage: "server|file",
		Description: "All rows are copied in one step and compared by counts and checksums; where something is already, nothing is\n" +
			"copied. The ledger that was copied stays: the file under another name, a schema as it is.",
		Flags: []cli.Flag{setup.ConfigFlag()},
		Action: func(c *cli.Context) error {
			if to := c.Args().First(); c.NArg() != 1 || to != "server" && to != "file" {
				return ui.Misuse(words.New("move.where"), words.Plain("obmen ledger move server"))
			}
			return runMove(c.Context, c.Path("config"), c.Args().First() == "server", s)
		},
	}
}

// runMove copies the ledger from the state folder onto the server, or back.
func runMove(ctx context.Context, path string, ontoServer bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if cfg.Ledger.Address == "" {
		return words.Refuse(words.New("move.no-server"), words.New("move.name-it", "Settings", cfg.Path))
	}
	password, err := setup.LedgerPassword(cfg)
	if err != nil {
		return err
	}
	move := desk.LedgerMove{Place: desk.LedgerPlace{State: cfg.Folders.State, Address: cfg.Ledger.Address, Password: password}, OntoServer: ontoServer}
	moved, err := move.Run(ctx)
	if err != nil {
		return err
	}
	s.Remark(words.Count("move.done", moved.Rows, "Place", moved.To))
	if moved.Aside != "" {
		s.Note("move.aside", "File", moved.Aside)
	} else {
		s.Note("move.take-out", "Settings", cfg.Path)
	}
	return nil
}

func runRebuild(ctx context.Context, path string, json bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if cfg.Ledger.Address != "" {
		return words.Refuse(words.New("move.rebuild"), words.New("move.rebuild-how", "Settings", cfg.Path))
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
