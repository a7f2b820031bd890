package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger"
)

func replayCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "replay",
		Usage: "publish exported orders once more, as the same documents of 1C",
		Description: "The kept files are converted again with today's catalogs. Documents keep their ids, so that 1C\n" +
			"finds the ones it has instead of making new ones.",
		ArgsUsage: "[ORDER…]",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "from", Usage: "what was published on the day `YYYY-MM-DD` or later"},
			&cli.StringFlag{Name: "to", Usage: "… and on the day `YYYY-MM-DD` or before"},
			&cli.BoolFlag{Name: "failed", Usage: "the sets that 1C refused"},
		},
		Action: func(c *cli.Context) error {
			opt := replayOptions{Config: c.Path("config"), Orders: c.Args().Slice(), Failed: c.Bool("failed"), JSON: c.Bool("json")}
			for _, day := range []struct {
				flag string
				at   *time.Time
			}{{"from", &opt.From}, {"to", &opt.To}} {
				if err := parseDay(c, day.flag, day.at); err != nil {
					return err
				}
			}
			dates := !opt.From.IsZero() || !opt.To.IsZero()
			if len(opt.Orders) == 0 && !opt.Failed && !dates || len(opt.Orders) > 0 && (opt.Failed || dates) {
				return ui.Usage("obmen replay --failed, obmen replay --from 2026-11-01 --to 2026-11-02, or obmen replay 302-1234567-1234567",
					"say what to replay: orders, days or --failed")
			}
			return runReplay(c.Context, opt, s)
		},
	}
}

type replayOptions struct {
	Config   string
	Orders   []string
	From, To time.Time // days; zero for no limit
	Failed   bool
	JSON     bool
}

// parseDay reads a day in the time of this computer.
func parseDay(c *cli.Context, flag string, at *time.Time) (err error) {
	text := c.String(flag)
	if text == "" {
		return nil
	}
	if *at, err = time.ParseInLocation(time.DateOnly, text, time.Local); err != nil {
		return ui.Usage("write a day like 2026-11-23", "--%s %q is no day", flag, text)
	}
	return nil
}

func runReplay(ctx context.Context, opt replayOptions, s ui.Streams) error {
	shop, err := openShop(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	wish := newWish("replay")
	for _, id := range opt.Orders {
		if err := shop.replayOrder(ctx, wish, id); err != nil {
			return err
		}
	}
	if len(opt.Orders) == 0 {
		if err := shop.replaySets(ctx, wish, opt); err != nil {
			return err
		}
	}
	return shop.ask(ctx, wish, opt.JSON, s)
}

// replayOrder asks for one order, from the file of its last set.
func (s *shop) replayOrder(ctx context.Context, w *wish, id string) error {
	if err := s.notDismissed(ctx, "replay", id); err != nil {
		return err
	}
	sets, err := s.book.Sets(ctx, ledger.SetFilter{Order: id})
	if err != nil {
		return err
	}
	last := map[ledger.Key]*ledger.Member{}
	routes := map[ledger.Key]string{}
	for i := range sets {
		for j := range sets[i].Orders {
			if m := &sets[i].Orders[j]; m.Order == id && m.SHA256 != "" {
				last[m.Key], routes[m.Key] = m, sets[i].Route
			}
		}
	}
	if len(last) == 0 {
		return ui.WithHint(fmt.Errorf("replay %q: no order with this number was exported", id), s.cfg.Command("explain", id)+" tells what became of it")
	}
	for key, m := range last {
		if err := s.wishFor(ctx, w, routes[key], m); err != nil {
			return err
		}
	}
	return nil
}

// replaySets asks for all orders of sets.
func (s *shop) replaySets(ctx context.Context, w *wish, opt replayOptions) error {
	filter := ledger.SetFilter{Since: opt.From}
	if !opt.To.IsZero() {
		filter.Before = opt.To.AddDate(0, 0, 1)
	}
	if opt.Failed {
		filter.States = []ledger.SetState{ledger.Failed}
	}
	sets, err := s.book.Sets(ctx, filter)
	if err != nil {
		return err
	}
	for i := range sets {
		if sets[i].State == ledger.Planned { // the watcher is about to publish it
			continue
		}
		for j := range sets[i].Orders {
			if err := s.wishFor(ctx, w, sets[i].Route, &sets[i].Orders[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

// wishFor asks for one order from the file it came in.
func (s *shop) wishFor(ctx context.Context, w *wish, route string, m *ledger.Member) error {
	files, err := s.book.Files(ctx, ledger.FileFilter{Route: route, SHA256: cmp.Or(m.SHA256, "-"), Limit: 1})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return ui.WithHint(fmt.Errorf("replay %q: the ledger does not know the file it came in", m.Order), "drop that file into the inbox again")
	}
	f := w.file(route, m.SHA256, files[0].Name)
	for _, key := range f.Republish {
		if key == m.Key {
			return nil
		}
	}
	f.Republish = append(f.Republish, m.Key)
	w.orders = append(w.orders, m.Order)
	return nil
}
