package review

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

// ReplayCommand is obmen replay.
func ReplayCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "replay",
		Usage: "publish exported orders once more, as the same documents of 1C",
		Description: "The kept files are converted again with today's catalogs. Documents keep their ids, so that 1C\n" +
			"finds the ones it has instead of making new ones.",
		ArgsUsage: "[ORDER…]",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "from", Usage: "what was published on the day `YYYY-MM-DD` or later"},
			&cli.StringFlag{Name: "to", Usage: "… and on the day `YYYY-MM-DD` or before"},
			&cli.BoolFlag{Name: "failed", Usage: "the sets that 1C refused"},
		},
		Action: func(c *cli.Context) error {
			opt := replayOptions{Config: c.Path("config"), JSON: c.Bool("json"), ReplayOptions: desk.ReplayOptions{Orders: c.Args().Slice(), Failed: c.Bool("failed")}}
			for _, day := range []struct {
				flag string
				at   *time.Time
			}{{"from", &opt.From}, {"to", &opt.To}} {
				if err := ParseDay(c, day.flag, day.at); err != nil {
					return err
				}
			}
			dates := !opt.From.IsZero() || !opt.To.IsZero()
			if len(opt.Orders) == 0 && !opt.Failed && !dates || len(opt.Orders) > 0 && (opt.Failed || dates) {
				return ui.Misuse(words.New("replay.name-orders"), words.New("replay.example"))
			}
			return runReplay(c.Context, opt, s)
		},
	}
}

type replayOptions struct {
	desk.ReplayOptions
	Config string
	JSON   bool
}

// ParseDay reads a day in the time of this computer.
func ParseDay(c *cli.Context, flag string, at *time.Time) (err error) {
	text := c.String(flag)
	if text == "" {
		return nil
	}
	if *at, err = time.ParseInLocation(time.DateOnly, text, time.Local); err != nil {
		return ui.Misuse(words.New("usage.no-day", "Flag", flag, "Text", text), words.New("usage.write-day"))
	}
	return nil
}

func runReplay(ctx context.Context, opt replayOptions, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer session.Close()
	asked, err := session.Replay(ctx, opt.ReplayOptions)
	if err != nil {
		return err
	}
	return printRequested(s, asked, opt.JSON, words.New("replay.nothing"), words.Count("replay.orders", len(asked.Orders), "Orders", firstOrders(asked)))
}
