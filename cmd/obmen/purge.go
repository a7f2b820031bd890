package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
)

// defaultPurgeDays is how long buyers' data are kept where obmen.toml keeps them for ever (facts, amazon 2.9).
const defaultPurgeDays = 30

func purgeCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "purge",
		Usage: "remove what tells of buyers from obmen's memory; what was exported stays known",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would go"},
			&cli.StringFlag{Name: "before", Usage: "what is older than the day `YYYY-MM-DD` (default: as long ago as obmen.toml keeps buyers' data)"},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "obmen purge --before 2026-11-01"); err != nil {
				return err
			}
			var before time.Time
			if err := parseDay(c, "before", &before); err != nil {
				return err
			}
			return runPurge(c.Context, c.Path("config"), before, c.Bool("dry-run"), c.Bool("json"), s)
		},
	}
}

// The object that purge --json prints.
type jsonPurge struct {
	Before  string `json:"before"`
	DryRun  bool   `json:"dry_run"`
	Orders  int    `json:"orders"`  // documents of exported orders
	Holds   int    `json:"holds"`   // sentences and cures of held orders
	Answers int    `json:"answers"` // 1C's words
	Reasons int    `json:"reasons"` // why files were refused
	Files   int    `json:"files"`   // kept copies of dropped files
	Bytes   int64  `json:"bytes"`   // of those copies
	Letters int    `json:"letters"` // documents in messages that 1C has not confirmed
}

func runPurge(ctx context.Context, config string, before time.Time, dryRun, json bool, s ui.Streams) error {
	shop, err := openShop(ctx, config)
	if err != nil {
		return err
	}
	defer shop.Close()
	if before.IsZero() {
		before = time.Now().AddDate(0, 0, -cmp.Or(shop.cfg.Watch.Keep.PersonalDays, defaultPurgeDays))
	}
	p, err := watch.Purge(ctx, shop.cfg.Folders.State, shop.book, before, dryRun)
	if err != nil {
		return err
	}
	if json {
		return ui.PrintJSON(s.Out, jsonPurge{ui.Stamp(before), dryRun, p.Orders, p.Holds, p.Answers, p.Reasons, p.Files, p.Bytes, p.Letters})
	}
	word := "removed"
	if dryRun {
		word = "would be removed"
	}
	fmt.Fprintf(s.Out, "%s, all older than %s:\n", word, ui.Clock(before))
	for _, part := range []struct {
		n    int
		what string
	}{
		{p.Orders, "documents of exported orders (their numbers stay known)"},
		{p.Holds, "texts of held orders (the orders stay held)"},
		{p.Answers, "words of 1C"},
		{p.Reasons, "reasons of refused files"},
		{p.Files, fmt.Sprintf("kept copies of dropped files, %d KB", p.Bytes>>10)},
	} {
		fmt.Fprintf(s.Out, "%7d  %s\n", part.n, part.what)
	}
	if p.Letters > 0 {
		fmt.Fprintf(s.Out, "%7d  %s\n", p.Letters, "documents that 1C never confirmed and now never gets: obmen replay sends them once more")
	}
	return nil
}
