package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/watch"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

func heldCommand(s ui.Streams) *cli.Command {
	var opt heldOptions
	return &cli.Command{
		Name:  "held",
		Usage: "list the orders that wait, each with its reason and its cure",
		Flags: []cli.Flag{
			configFlag(), jsonFlag(),
			&cli.StringFlag{Name: "code", Usage: "only those with this `CODE` (unknown-sku, total-mismatch, …)", Destination: &opt.Code},
			&cli.StringFlag{Name: "order", Usage: "only the order with this `ID`", Destination: &opt.Order},
			&cli.BoolFlag{Name: "dismissed", Usage: "those that people have dismissed instead", Destination: &opt.Dismissed},
			&cli.BoolFlag{Name: "csv", Usage: "print a table for Excel", Destination: &opt.CSV},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return ui.Usage(config.Command(c.Path("config"), "held", "--order", c.Args().First()), "held takes no files, got %q", c.Args().First())
			}
			opt.Config, opt.JSON = c.Path("config"), c.Bool("json")
			if opt.CSV && opt.JSON {
				return ui.Usage("choose one of them", "--csv and --json together")
			}
			return runHeld(c.Context, opt, s)
		},
	}
}

type heldOptions struct {
	Config, Code, Order  string
	Dismissed, CSV, JSON bool
}

// The object that held --json prints.
type (
	jsonHolds struct {
		Held      []jsonHold      `json:"held"`
		Dismissed []jsonDismissal `json:"dismissed"`
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

func runHeld(ctx context.Context, opt heldOptions, s ui.Streams) error {
	if err := knownCode(opt.Code); err != nil {
		return err
	}
	shop, err := openShop(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer shop.Close()
	filter := ledger.HoldFilter{Code: opt.Code, Order: opt.Order}
	holds, err := shop.book.Holds(ctx, filter)
	if err != nil {
		return err
	}
	gone, err := shop.book.Dismissals(ctx, filter)
	if err != nil {
		return err
	}
	switch {
	case opt.JSON:
		return ui.PrintJSON(s.Out, jsonHoldsOf(holds, gone))
	case opt.CSV && opt.Dismissed:
		_, err = s.Out.Write(watch.DismissedTable(gone))
	case opt.CSV:
		_, err = s.Out.Write(outbox.HeldTable(watch.Outcomes(holds)))
	case opt.Dismissed:
		opt.printDismissed(s, gone)
	default:
		opt.printHeld(s, holds, len(gone))
	}
	return err
}

// knownCode refuses a code that no order ever has: the answer would be that none waits.
func knownCode(code string) error {
	if code == "" || slices.Contains(convert.Codes(), convert.Code(code)) {
		return nil
	}
	names := make([]string, len(convert.Codes()))
	for i, c := range convert.Codes() {
		names[i] = string(c)
	}
	return ui.Usage("the codes are "+strings.Join(names, ", "), "there is no code %q", code)
}

func (opt *heldOptions) printHeld(s ui.Streams, holds []ledger.Hold, gone int) {
	for i := range holds {
		printHold(s, &holds[i])
	}
	switch {
	case len(holds) > 0:
		fmt.Fprintf(s.Out, "%s held", ui.Plural(len(holds), "order", "orders"))
	case opt.filtered():
		fmt.Fprint(s.Out, "no order that is held fits")
	default:
		fmt.Fprint(s.Out, "no order is held")
	}
	if gone > 0 {
		fmt.Fprintf(s.Out, "; %d dismissed, which %s lists", gone, config.Command(opt.Config, "held", "--dismissed"))
	}
	fmt.Fprintln(s.Out)
}

func (opt *heldOptions) printDismissed(s ui.Streams, gone []ledger.Dismissal) {
	for i := range gone {
		d := &gone[i]
		fmt.Fprintf(s.Out, "%s  dismissed %s: %s\n", d.Order, ui.Clock(d.At), d.Why)
		fmt.Fprintf(s.Out, "  from %s, it was held for %s\n", d.Origin, d.Code)
	}
	switch {
	case len(gone) > 0:
		fmt.Fprintf(s.Out, "%s dismissed; %s brings one back\n", ui.Plural(len(gone), "order", "orders"), config.Command(opt.Config, "dismiss", "--undo", "ORDER"))
	case opt.filtered():
		fmt.Fprintln(s.Out, "no order that is dismissed fits")
	default:
		fmt.Fprintln(s.Out, "no order is dismissed")
	}
}

func (opt *heldOptions) filtered() bool { return opt.Code+opt.Order != "" }

func jsonHoldsOf(holds []ledger.Hold, gone []ledger.Dismissal) jsonHolds {
	j := jsonHolds{make([]jsonHold, len(holds)), make([]jsonDismissal, len(gone))}
	for i := range holds {
		j.Held[i] = jsonHoldOf(&holds[i])
	}
	for i := range gone {
		j.Dismissed[i] = jsonDismissalOf(&gone[i])
	}
	return j
}

func jsonHoldOf(h *ledger.Hold) jsonHold {
	return jsonHold{
		h.Order, h.Account, h.Route, h.Origin, h.Code, h.Sentence, h.Cure, h.File, h.Add, h.Currency, h.Total, ui.Stamp(h.Since),
	}
}

func printHold(s ui.Streams, h *ledger.Hold) {
	sentence := h.Sentence
	if sentence == "" {
		sentence = "the words were purged with the buyers' data; obmen retry tells them again"
	}
	fmt.Fprintf(s.Out, "%s  %s  %s\n", h.Order, h.Code, sentence)
	fmt.Fprintf(s.Out, "  from %s, held since %s\n", h.Origin, ui.Clock(h.Since))
	if h.Cure != "" {
		fmt.Fprintln(s.Out, "  cure: "+h.Cure)
	}
	for _, line := range h.Add {
		fmt.Fprintln(s.Out, "    "+line)
	}
}
