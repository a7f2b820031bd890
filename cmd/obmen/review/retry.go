package review

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

// RetryCommand is obmen retry.
func RetryCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "retry",
		Usage:     "try held orders again now, with today's catalogs and settings",
		ArgsUsage: "ORDER…",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.BoolFlag{Name: "all", Usage: "all held orders"},
		},
		Action: func(c *cli.Context) error {
			if all := c.Bool("all"); all == (c.NArg() > 0) {
				return ui.Misuse(words.New("retry.name-orders"), words.New("retry.example"))
			}
			return runRetry(c.Context, c.Path("config"), c.Args().Slice(), c.Bool("json"), s)
		},
	}
}

// runRetry asks the watcher to convert the files of held orders again; no ids means all.
func runRetry(ctx context.Context, config string, ids []string, json bool, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, config)
	if err != nil {
		return err
	}
	defer session.Close()
	asked, err := session.Retry(ctx, ids)
	if err != nil {
		return err
	}
	return printRequested(s, asked, json, words.New("retry.nothing"), words.Count("retry.orders", len(asked.Orders), "Orders", firstOrders(asked)))
}

// MostNamed is how many orders are named on the screen; --json names all.
const MostNamed = 10

// printRequested prints what was asked of the watcher: one message for no order, one for some.
func printRequested(s ui.Streams, asked *desk.Requested, json bool, nothing, some words.Text) error {
	switch {
	case json:
		return ui.PrintJSON(s.Out, asked)
	case len(asked.Orders) == 0:
		s.Line(nothing)
		return nil
	}
	s.Line(some)
	if asked.Running {
		s.Tell("desk.done-soon")
	} else {
		s.Tell("desk.done-later")
	}
	return nil
}

// firstOrders are the orders that are named on the screen.
func firstOrders(asked *desk.Requested) string {
	named := strings.Join(asked.Orders[:min(len(asked.Orders), MostNamed)], ", ")
	if len(asked.Orders) > MostNamed {
		named += " …"
	}
	return named
}
