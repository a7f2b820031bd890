// Package review has the commands by which a person looks at orders and decides on them: held and the cures of held
// orders, dismiss, retry, replay, requeue, explain and audit. The operations are of package desk; here are their flags
// and how their results are printed.
package review

import (
	"bytes"
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/ledger"
	"obmen/watch/outbox"
)

// HeldCommand is obmen held, with the commands below it.
func HeldCommand(s ui.Streams) *cli.Command {
	var opt heldOptions
	return &cli.Command{
		Name:  "held",
		Usage: "list the orders that wait, each with its reason and its cure",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "code", Usage: "only those with this `CODE` (unknown-sku, total-mismatch, …)", Destination: &opt.Code},
			&cli.StringFlag{Name: "order", Usage: "only the order with this `ID`", Destination: &opt.Order},
			&cli.BoolFlag{Name: "dismissed", Usage: "those that people have dismissed instead", Destination: &opt.Dismissed},
			&cli.BoolFlag{Name: "causes", Usage: "what they wait for, with the number of orders and their money", Destination: &opt.Causes},
			&cli.BoolFlag{Name: "csv", Usage: "print a table for Excel", Destination: &opt.CSV},
		},
		Subcommands: []*cli.Command{cureCommand(s), findProductCommand(s)},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				hint := config.Command(c.Path("config"), "held", "--order", c.Args().First())
				if setup.LooksLikeSettings(c.Args().First()) {
					hint = config.Command(c.Args().First(), "held")
				}
				return ui.Misuse(words.New("held.no-files", "Given", c.Args().First()), words.Plain(hint))
			}
			opt.Config, opt.JSON = c.Path("config"), c.Bool("json")
			if opt.CSV && opt.JSON {
				return ui.Misuse(words.New("usage.csv-and-json"), words.New("usage.choose-one"))
			}
			return runHeld(c.Context, opt, s)
		},
	}
}

type heldOptions struct {
	Config, Code, Order  string
	Dismissed, CSV, JSON bool
	Causes               bool
}

func runHeld(ctx context.Context, opt heldOptions, s ui.Streams) error {
	if err := checkCode(opt.Code); err != nil {
		return err
	}
	session, err := setup.OpenReading(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer session.Close()
	chosen := desk.HeldOptions{Code: opt.Code, Order: opt.Order}
	if opt.Causes {
		return printCauses(ctx, session, chosen, opt.JSON, s)
	}
	if opt.CSV {
		return printHeldTable(ctx, session, chosen, opt.Dismissed, s)
	}
	if !opt.JSON && !opt.Dismissed {
		return opt.printHeld(ctx, session, chosen, s)
	}
	list, err := session.Held(ctx, chosen)
	switch {
	case err != nil:
		return err
	case opt.JSON:
		return ui.PrintJSON(s.Out, list)
	}
	opt.printDismissed(s, list.Dismissed)
	return nil
}

func printHeldTable(ctx context.Context, session *setup.Session, chosen desk.HeldOptions, dismissed bool, s ui.Streams) error {
	holds, dismissals, err := session.HeldRecords(ctx, chosen)
	if err != nil {
		return err
	}
	table := watch.DismissedTable(dismissals)
	if !dismissed {
		table = outbox.HeldTable(watch.Outcomes(holds), s.Words())
	}
	_, err = s.Out.Write(table)
	return err
}

// checkCode refuses a code that no order ever has: the answer would be that none waits.
func checkCode(code string) error {
	if code == "" || code == ledger.RefusedBy1C || slices.Contains(convert.Codes(), convert.Code(code)) {
		return nil
	}
	names := make([]string, len(convert.Codes()), len(convert.Codes())+1)
	for i, c := range convert.Codes() {
		names[i] = string(c)
	}
	names = append(names, ledger.RefusedBy1C)
	return ui.Misuse(words.New("held.no-code", "Code", code), words.New("held.codes", "Codes", names))
}

// printHeld prints the orders that wait. There may be ten thousand, of four lines each: their text is gathered first, for a
// reader that takes its time would keep the ledger's log from being tidied up.
func (opt *heldOptions) printHeld(ctx context.Context, session *setup.Session, chosen desk.HeldOptions, s ui.Streams) error {
	const atOnce = 64 << 10
	var text bytes.Buffer
	gathered, held := s, 0
	gathered.Out = &text
	err := session.EachHeld(ctx, chosen, func(h *desk.Hold) {
		held++
		printHold(gathered, h)
	})
	if err != nil {
		return err
	}
	dismissed, err := session.CountDismissed(ctx, chosen)
	if err != nil {
		return err
	}
	opt.printCount(gathered, held, dismissed)
	for part := range slices.Chunk(text.Bytes(), atOnce) {
		if _, err := s.Out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// printCount prints how many orders wait; n were dismissed.
func (opt *heldOptions) printCount(s ui.Streams, held, n int) {
	command := config.Command(opt.Config, "held", "--dismissed")
	switch {
	case held > 0 && n > 0:
		s.Line(words.Count("held.count-dismissed", held, "Dismissed", n, "Command", command))
	case held > 0:
		s.Line(words.Count("held.count", held))
	case opt.isFiltered() && n > 0:
		s.Tell("held.none-fits-dismissed", "Dismissed", n, "Command", command)
	case opt.isFiltered():
		s.Tell("held.none-fits")
	case n > 0:
		s.Tell("held.none-dismissed", "Dismissed", n, "Command", command)
	default:
		s.Tell("held.none")
	}
}

func (opt *heldOptions) printDismissed(s ui.Streams, list []desk.Dismissal) {
	for i := range list {
		d := &list[i]
		s.Tell("dismissed.order", "Order", d.Order, "At", d.At.Time, "Why", d.Why)
		s.Tell("dismissed.origin", "Origin", d.Origin, "Code", d.Code)
	}
	switch {
	case len(list) > 0:
		s.Line(words.Count("dismissed.count", len(list), "Command", config.Command(opt.Config, "dismiss", "--undo", "ORDER")))
	case opt.isFiltered():
		s.Tell("dismissed.none-fits")
	default:
		s.Tell("dismissed.none")
	}
}

func (opt *heldOptions) isFiltered() bool { return opt.Code+opt.Order != "" }

func printHold(s ui.Streams, h *desk.Hold) {
	why, cure := s.Words().Hold(h.Code, h.Sentence, h.Cure, h.File)
	if h.Sentence == "" {
		why = s.Words().Say("held.purged")
	}
	s.Tell("held.order", "Order", h.Order, "Code", h.Code, "Why", why)
	s.Tell("held.origin", "Origin", h.Origin, "Since", h.Since.Time)
	if cure != "" {
		s.Tell("report.cure", "Cure", cure)
	}
	for _, line := range h.Add {
		s.Tell("report.add", "Line", line)
	}
}
