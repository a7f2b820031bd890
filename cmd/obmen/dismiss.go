package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger"
)

func dismissCommand(s ui.Streams) *cli.Command {
	var opt dismissOptions
	return &cli.Command{
		Name:  "dismiss",
		Usage: "take held orders off the list for good: a person has dealt with them",
		Description: "For an order that was entered in 1C by hand, or that nobody wants there. It is never exported, whatever\n" +
			"file it comes in, and obmen says so when it comes again. `obmen held --dismissed` lists such orders. A row\n" +
			"without an order number is dismissed by the id that `obmen held` shows, in that very file only.",
		ArgsUsage: "ORDER…",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "why", Usage: "the `REASON`, for whoever asks later", Destination: &opt.Why},
			&cli.StringFlag{Name: "account", Usage: "the seller account `NAME`, where two have an order of that number", Destination: &opt.Account},
			&cli.StringFlag{Name: "file", Usage: "the first characters of the SHA-256 `HASH` of the file, where that does not tell either", Destination: &opt.File},
			&cli.BoolFlag{Name: "undo", Usage: "put dismissed orders back on the list, and try them again", Destination: &opt.Undo},
		},
		Action: func(c *cli.Context) error {
			opt.Config, opt.JSON, opt.Orders = c.Path("config"), c.Bool("json"), c.Args().Slice()
			opt.Why = strings.Join(strings.Fields(opt.Why), " ")
			switch {
			case len(opt.Orders) == 0:
				return ui.Usage(config.Command(opt.Config, "dismiss", "--why", "entered by hand", "302-1234567-1234567"), "name the orders to dismiss")
			case opt.Undo && opt.Why != "":
				return ui.Usage(config.Command(opt.Config, "dismiss", append([]string{"--undo"}, opt.Orders...)...), "--undo takes no reason")
			case !opt.Undo && opt.Why == "":
				return ui.Usage(config.Command(opt.Config, "dismiss", append([]string{"--why", "entered by hand"}, opt.Orders...)...), "say why: the orders will never be exported")
			}
			return runDismiss(c.Context, opt, s)
		},
	}
}

type dismissOptions struct {
	Config             string
	Orders             []string
	Why, Account, File string
	Undo, JSON         bool
}

// The object that dismiss prints with --json.
type (
	jsonDismiss struct {
		Dismissed []jsonDismissal `json:"dismissed"`
		Held      []jsonHold      `json:"held"` // again, by --undo
		Running   bool            `json:"running"`
	}
	jsonDismissal struct {
		jsonHold        // as it was held
		Why      string `json:"why"`
		At       string `json:"dismissed"`
	}
)

func jsonDismissalOf(d *ledger.Dismissal) jsonDismissal {
	return jsonDismissal{jsonHoldOf(&d.Hold), d.Why, ui.Stamp(d.At)}
}

func runDismiss(ctx context.Context, opt dismissOptions, s ui.Streams) error {
	shop, err := openShop(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	done := jsonDismiss{Dismissed: []jsonDismissal{}, Held: []jsonHold{}}
	if opt.Undo {
		done.Held, err = shop.holdAgain(ctx, opt)
	} else {
		done.Dismissed, err = shop.dismiss(ctx, opt)
	}
	if err != nil {
		return err
	}
	var st jsonStatus
	if err := shop.watcher(&st); err != nil {
		return err
	}
	done.Running = st.Running
	if opt.JSON {
		return ui.PrintJSON(s.Out, done)
	}
	done.text(s.Out)
	return nil
}

func (d *jsonDismiss) text(w io.Writer) {
	for i := range d.Dismissed {
		o := &d.Dismissed[i]
		fmt.Fprintf(w, "%s dismissed: %s\n", o.Order, o.Why)
		if total := strings.TrimSpace(o.Total + " " + o.Currency); o.Total != "" {
			fmt.Fprintf(w, "  %s, it was held for %s; it will not be exported\n", total, o.Code)
		} else {
			fmt.Fprintf(w, "  it was held for %s; it will not be exported\n", o.Code)
		}
	}
	for i := range d.Held {
		fmt.Fprintf(w, "%s is held again: %s\n", d.Held[i].Order, d.Held[i].Code)
	}
	switch {
	case len(d.Held) == 0:
	case d.Running:
		fmt.Fprintln(w, "the running watcher tries it again within seconds")
	default:
		fmt.Fprintln(w, "no watcher runs: it will be tried again at the next obmen watch")
	}
}
