package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/review"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
)

func purgeCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "purge",
		Usage: "remove what obmen's memory has about buyers; what was exported stays known",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.BoolFlag{Name: "dry-run", Usage: "only show what would be removed"},
			&cli.StringFlag{Name: "before", Usage: "what is older than the day `YYYY-MM-DD` (default: as long ago as obmen.toml keeps buyers' data)"},
		},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen purge --before 2026-11-01"); err != nil {
				return err
			}
			var before time.Time
			if err := review.ParseDay(c, "before", &before); err != nil {
				return err
			}
			return runPurge(c.Context, c.Path("config"), before, c.Bool("dry-run"), c.Bool("json"), s)
		},
	}
}

func runPurge(ctx context.Context, config string, before time.Time, dryRun, json bool, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, config)
	if err != nil {
		return err
	}
	defer session.Close()
	p, err := session.Purge(ctx, desk.PurgeOptions{Before: before, Keep: session.Config.Watch.Keep.PersonalDays, DryRun: dryRun})
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, p)
	}
	printPurged(s, p)
	return nil
}

func printPurged(s ui.Streams, p *desk.Purged) {
	w := s.Words()
	if p.DryRun {
		s.Tell("purge.would-be", "Before", p.Before.Time)
	} else {
		s.Tell("purge.removed", "Before", p.Before.Time)
	}
	for _, part := range []struct {
		n    int
		what string
	}{
		{p.Orders, w.Say("purge.documents")},
		{p.Holds, w.Say("purge.holds")},
		{p.Answers, w.Say("purge.answers")},
		{p.Reasons, w.Say("purge.reasons")},
		{p.Files, w.Say("purge.files", "KB", p.Bytes>>10)},
	} {
		fmt.Fprintf(s.Out, "%7d  %s\n", part.n, part.what)
	}
	if p.Letters > 0 {
		fmt.Fprintf(s.Out, "%7d  %s\n", p.Letters, w.Say("purge.unconfirmed"))
	}
}
