package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/ledger"
)

func retryCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "retry",
		Usage:     "try held orders again now, with today's catalogs and settings",
		ArgsUsage: "ORDER…",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.BoolFlag{Name: "all", Usage: "all held orders"},
		},
		Action: func(c *cli.Context) error {
			if all := c.Bool("all"); all == (c.NArg() > 0) {
				return ui.Usage("obmen retry 302-1234567-1234567, or obmen retry --all", "name orders, or --all of them")
			}
			return runRetry(c.Context, c.Path("config"), c.Args().Slice(), c.Bool("json"), s)
		},
	}
}

// runRetry asks the watcher to convert the files of held orders again; no ids means all.
func runRetry(ctx context.Context, config string, ids []string, json bool, s ui.Streams) error {
	shop, err := openShop(ctx, config)
	if err != nil {
		return err
	}
	defer shop.Close()
	holds, err := shop.book.Holds(ctx, ledger.HoldFilter{})
	if err != nil {
		return err
	}
	wish := newWish("retry")
	for _, id := range ids {
		if !slices.ContainsFunc(holds, func(h ledger.Hold) bool { return h.Order == id }) {
			if err := shop.notDismissed(ctx, "retry", id); err != nil {
				return err
			}
			return ui.WithHint(fmt.Errorf("retry %q: no such order is held", id), shop.cfg.Command("held")+" lists them")
		}
	}
	for i := range holds {
		h := &holds[i]
		if len(ids) > 0 && !slices.Contains(ids, h.Order) {
			continue
		}
		wish.file(h.Route, h.SHA256, watch.FileOf(h))
		wish.orders = append(wish.orders, h.Order)
	}
	return shop.ask(ctx, wish, json, s)
}
