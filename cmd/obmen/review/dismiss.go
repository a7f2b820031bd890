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

// DismissCommand is obmen dismiss.
func DismissCommand(s ui.Streams) *cli.Command {
	var opt dismissOptions
	return &cli.Command{
		Name:  "dismiss",
		Usage: "take held orders off the list for good: a person has dealt with them",
		Description: "For an order that was entered in 1C by hand, or that is not wanted there. It is never exported, whatever\n" +
			"file it comes in, and obmen says so when it comes again. `obmen held --dismissed` lists such orders. A row\n" +
			"without an order number is dismissed by the id that `obmen held` shows, in that very file only.",
		ArgsUsage: "ORDER…",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "why", Usage: "the `REASON`, for whoever asks later", Destination: &opt.Why},
			&cli.StringFlag{Name: "account", Usage: "the seller account `NAME`, where two have an order of that number", Destination: &opt.Account},
			&cli.StringFlag{Name: "file", Usage: "the first characters of the SHA-256 `HASH` of the file, where the account is not enough", Destination: &opt.File},
			&cli.BoolFlag{Name: "undo", Usage: "put dismissed orders back on the list, and try them again", Destination: &opt.Undo},
		},
		Action: func(c *cli.Context) error {
			opt.Config, opt.JSON, opt.Orders = c.Path("config"), c.Bool("json"), c.Args().Slice()
			opt.Why = strings.Join(strings.Fields(opt.Why), " ")
			if err := opt.check(); err != nil {
				return err
			}
			return runDismiss(c.Context, opt, s)
		},
	}
}

type dismissOptions struct {
	desk.DismissOptions
	Config     string
	Undo, JSON bool
}

// check refuses options that make no sense together.
func (opt *dismissOptions) check() error {
	command := func(args ...string) words.Text { return words.Plain(config.Command(opt.Config, "dismiss", args...)) }
	why := []string{"--why", "entered by hand"}
	switch {
	case len(opt.Orders) == 0:
		return ui.Misuse(words.New("dismiss.name-orders"), command(append(why, "302-1234567-1234567")...))
	case opt.Undo && opt.Why != "":
		return ui.Misuse(words.New("dismiss.undo-no-reason"), command(append([]string{"--undo"}, opt.Orders...)...))
	case !opt.Undo && opt.Why == "":
		return ui.Misuse(words.New("dismiss.say-why"), command(append(why, opt.Orders...)...))
	}
	return nil
}

func runDismiss(ctx context.Context, opt dismissOptions, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer session.Close()
	operation := session.Dismiss
	if opt.Undo {
		operation = session.UndoDismiss
	}
	done, err := operation(ctx, opt.DismissOptions)
	switch {
	case err != nil:
		return err
	case opt.JSON:
		return ui.PrintJSON(s.Out, done)
	}
	printDismissed(s, done)
	return nil
}

func printDismissed(s ui.Streams, d *desk.Dismissed) {
	for i := range d.Dismissed {
		o := &d.Dismissed[i]
		s.Tell("dismiss.done", "Order", o.Order, "Why", o.Why)
		if o.Total != "" {
			s.Tell("dismiss.total", "Total", strings.TrimSpace(o.Total+" "+o.Currency), "Code", o.Code)
		} else {
			s.Tell("dismiss.code", "Code", o.Code)
		}
	}
	for i := range d.Held {
		s.Tell("dismiss.held-again", "Order", d.Held[i].Order, "Code", d.Held[i].Code)
	}
	switch {
	case len(d.Held) == 0:
	case d.Running:
		s.Tell("dismiss.tried-soon")
	default:
		s.Tell("dismiss.tried-later")
	}
}
