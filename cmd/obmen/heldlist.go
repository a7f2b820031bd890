package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"obmen/watch"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

func heldCommand(s streams) *cli.Command {
	var opt heldOptions
	return &cli.Command{
		Name:  "held",
		Usage: "list the orders that wait, each with its reason and its cure",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "code", Usage: "only those with this `CODE` (unknown-sku, total-mismatch, …)", Destination: &opt.Code},
			&cli.StringFlag{Name: "order", Usage: "only the order with this `ID`", Destination: &opt.Order},
			&cli.BoolFlag{Name: "csv", Usage: "print a table for Excel", Destination: &opt.CSV},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usage("obmen held --order "+c.Args().First(), "held takes no files, got %q", c.Args().First())
			}
			opt.Config, opt.JSON = c.Path("config"), c.Bool("json")
			if opt.CSV && opt.JSON {
				return usage("choose one of them", "--csv and --json together")
			}
			return runHeld(c.Context, opt, s)
		},
	}
}

type heldOptions struct {
	Config, Code, Order string
	CSV, JSON           bool
}

// The object that held --json prints.
type (
	jsonHolds struct {
		Held []jsonHold `json:"held"`
	}
	jsonHold struct {
		Order    string   `json:"order"`
		Account  string   `json:"account"`
		Route    string   `json:"route"`
		Origin   string   `json:"origin"` // file and place
		Code     string   `json:"code"`
		Sentence string   `json:"sentence"`
		Cure     string   `json:"cure"`
		File     string   `json:"file,omitempty"` // the catalog to mend
		Add      []string `json:"add,omitempty"`  // lines to add to it
		Currency string   `json:"currency"`
		Total    string   `json:"total,omitempty"` // as the source states it
		Since    string   `json:"since"`
	}
)

func runHeld(ctx context.Context, opt heldOptions, s streams) error {
	shop, err := openShop(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	holds, err := shop.book.Holds(ctx, ledger.HoldFilter{Code: opt.Code, Order: opt.Order})
	switch {
	case err != nil:
		return err
	case opt.JSON:
		return printJSON(s.Out, jsonHoldsOf(holds))
	case opt.CSV:
		_, err := s.Out.Write(outbox.HeldTable(watch.Outcomes(holds)))
		return err
	}
	for i := range holds {
		printHold(s, &holds[i])
	}
	switch {
	case len(holds) == 0 && opt.Code+opt.Order != "":
		fmt.Fprintln(s.Out, "no order that is held fits")
		return nil
	case len(holds) == 0:
		fmt.Fprintln(s.Out, "no order is held")
		return nil
	}
	fmt.Fprintf(s.Out, "%s held\n", plural(len(holds), "order", "orders"))
	return nil
}

func jsonHoldsOf(holds []ledger.Hold) jsonHolds {
	list := make([]jsonHold, len(holds))
	for i, h := range holds {
		list[i] = jsonHold{
			h.Order, h.Account, h.Route, h.Origin, h.Code, h.Sentence, h.Cure, h.File, h.Add, h.Currency, h.Total, stamp(h.Since),
		}
	}
	return jsonHolds{list}
}

func printHold(s streams, h *ledger.Hold) {
	sentence := h.Sentence
	if sentence == "" {
		sentence = "the words were purged with the buyers' data; obmen retry tells them again"
	}
	fmt.Fprintf(s.Out, "%s  %s  %s\n", h.Order, h.Code, sentence)
	fmt.Fprintf(s.Out, "  from %s, held since %s\n", h.Origin, clock(h.Since))
	if h.Cure != "" {
		fmt.Fprintln(s.Out, "  cure: "+h.Cure)
	}
	for _, line := range h.Add {
		fmt.Fprintln(s.Out, "    "+line)
	}
}
