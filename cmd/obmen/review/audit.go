package review

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
)

// AuditCommand is obmen audit.
func AuditCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "audit",
		Usage:     "compare All Orders reports of a period with what obmen exported",
		ArgsUsage: "REPORT…",
		Description: "Every order of the reports is looked up in the ledger: missing, waiting, with another total or status. Orders\n" +
			"that obmen exported in the time of the reports and that no report has are extra. Each comes with the command that\n" +
			"mends it. Exit code 3 says that there are differences. What a purge has removed is not compared, and is counted.",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.BoolFlag{Name: "csv", Usage: "print a table for Excel"},
			&cli.StringFlag{Name: "account", Usage: "the seller account `NAME` of the reports, where marketplaces do not tell"},
			&cli.StringFlag{Name: "charset", Usage: "encoding of the reports `NAME`, when obmen takes it for another"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return ui.Misuse(words.New("audit.name-report"), words.New("audit.fetch-gets-one", "Command", config.Command(c.Path("config"), "fetch", "--report", "all-orders", "--from", "2026-10-01", "--to", "2026-10-31")))
			}
			if c.Bool("csv") && c.Bool("json") {
				return ui.Misuse(words.New("usage.csv-and-json"), words.New("usage.choose-one"))
			}
			return RunAudit(c.Context, AuditOptions{
				Config: c.Path("config"), Files: c.Args().Slice(), Account: c.String("account"), Charset: c.String("charset"),
				CSV: c.Bool("csv"), JSON: c.Bool("json"),
			}, s)
		},
	}
}

// AuditOptions are the flags of obmen audit.
type AuditOptions struct {
	Config           string
	Files            []string
	Account, Charset string
	CSV, JSON        bool
}

// RunAudit compares reports with what went to 1C.
func RunAudit(ctx context.Context, o AuditOptions, s ui.Streams) error {
	session, err := setup.OpenReading(ctx, o.Config)
	if err != nil {
		return err
	}
	defer session.Close()
	ins, _, err := setup.FindInputs(o.Files, o.Charset)
	if err != nil {
		return err
	}
	found, err := session.Audit(ctx, desk.AuditOptions{Reports: ins, Account: o.Account})
	if err != nil {
		return ui.WithDiskHint(err)
	}
	defer found.Close()
	p := auditPrinter{found, o, s}
	if err := p.printAll(); err != nil {
		return err
	}
	if found.Differences() > 0 {
		return ui.ErrHeld
	}
	return nil
}

// The object that audit --json prints; its differences come last, one after the other.
type JSONAudit struct {
	From        string         `json:"from,omitempty"` // days of the first and the last order
	To          string         `json:"to,omitempty"`
	Orders      int            `json:"orders"`    // in the reports
	Agree       int            `json:"agree"`     //
	Purged      int            `json:"purged"`    // exported, but what was exported is not kept any more
	Unplaced    int            `json:"unplaced"`  // exported since, in no report; what tells of their day is not kept any more
	Unproven    int            `json:"unproven"`  // exported, but the report does not say for certain what they come to
	Unread      int            `json:"unread"`    // rows of the reports without an order number
	Backfills   []string       `json:"backfills"` // commands that bring many orders sooner than their cures
	Differences []desk.Finding `json:"differences"`
	Dismissed   []desk.Finding `json:"dismissed"` // no differences to mend
}

// auditPrinter prints what an audit found, as text, as a table or as JSON.
type auditPrinter struct {
	*desk.Audit
	opt AuditOptions
	s   ui.Streams
}

func (p *auditPrinter) printAll() error {
	switch {
	case p.opt.JSON:
		return p.printJSON(p.s)
	case p.opt.CSV:
		if err := p.printTable(p.s); err != nil {
			return err
		}
		p.printRemarks(p.s.Err)
		return nil
	}
	out, w := bufio.NewWriter(p.s.Out), p.s.Words()
	if err := p.Each(func(f *desk.Finding) error {
		_, err := fmt.Fprintf(out, "%-8s %s  %s  %s\n%s\n", f.Kind, f.Order, f.Account, findingWords(w, f), w.Say("report.cure", "Cure", f.Cure))
		return err
	}); err != nil {
		return err
	}
	days := ""
	if !p.From.IsZero() {
		days = w.Say("audit.days", "From", day(p.From), "To", day(p.To))
	}
	line := w.Say("audit.sum", "Orders", words.Count("count.orders", p.Orders()), "Days", days, "Agree", p.Agree, "Differences", words.Count("count.differences", p.Differences()))
	if n := p.DismissedOrders(); n > 0 {
		line += w.Say("audit.dismissed", "Dismissed", n)
	}
	fmt.Fprintln(out, line)
	p.printRemarks(out)
	return out.Flush()
}

// printRemarks name what was not compared, and why.
func (p *auditPrinter) printRemarks(out io.Writer) {
	w := p.s.Words()
	if p.Purged > 0 {
		fmt.Fprintln(out, w.Text(words.Count("audit.purged", p.Purged)))
	}
	if p.Unplaced > 0 {
		fmt.Fprintln(out, w.Text(words.Count("audit.unplaced", p.Unplaced, "Since", day(p.From.AddDate(0, 0, -1)))))
	}
	if p.Unproven > 0 {
		fmt.Fprintln(out, w.Text(words.Count("audit.unproven", p.Unproven, "Origin", p.Doubt.Origin, "Why", p.Doubt.Why)))
	}
	if p.Unread > 0 {
		fmt.Fprintln(out, w.Text(words.Count("audit.unread", p.Unread, "Origin", p.Blank.Origin, "Why", p.Blank.Why)))
	}
	for _, command := range p.Backfills() {
		fmt.Fprintln(out, w.Say("audit.all-at-once", "Command", command))
	}
}

// printJSON writes the lists as they come from their file: they need not fit into memory.
func (a *auditPrinter) printJSON(s ui.Streams) error {
	head := JSONAudit{
		From: day(a.From), To: day(a.To), Orders: a.Orders(), Agree: a.Agree, Purged: a.Purged, Unplaced: a.Unplaced,
		Unproven: a.Unproven, Unread: a.Unread, Backfills: a.Backfills(), Differences: []desk.Finding{}, Dismissed: []desk.Finding{},
	}
	var text bytes.Buffer
	if err := ui.PrintJSON(&text, head); err != nil {
		return err
	}
	out := bufio.NewWriter(s.Out)
	rest := text.Bytes()
	for _, list := range []struct {
		name      string
		dismissed bool
	}{{`"differences": [`, false}, {`"dismissed": [`, true}} {
		at := bytes.Index(rest, []byte(list.name)) + len(list.name)
		out.Write(rest[:at])
		rest = rest[at:]
		if err := a.jsonList(out, list.dismissed); err != nil {
			return err
		}
	}
	out.Write(rest)
	return out.Flush() // tells of the first write that went wrong
}

// jsonList writes what stands within the brackets of a list.
func (a *auditPrinter) jsonList(out *bufio.Writer, dismissed bool) error {
	between, end := "\n    ", ""
	err := a.EachOf(dismissed, func(f *desk.Finding) error {
		var one bytes.Buffer
		enc := json.NewEncoder(&one)
		enc.SetEscapeHTML(false)
		enc.SetIndent("    ", "  ")
		err := enc.Encode(f)
		out.WriteString(between)
		out.Write(bytes.TrimSpace(one.Bytes()))
		between, end = ",\n    ", "\n  "
		return err
	})
	out.WriteString(end)
	return err
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// findingWords tells what is different.
func findingWords(w *words.Words, f *desk.Finding) string {
	switch f.Kind {
	case "missing":
		if f.Report == desk.NoTotal {
			return w.Say("audit.missing")
		}
		return w.Say("audit.missing-with", "Report", f.Report)
	case "held":
		return w.Say("audit.held", "Code", f.Ledger)
	case desk.DismissedKind:
		return w.Say("audit.was-dismissed", "Report", f.Report, "Why", f.Ledger)
	case "extra":
		return w.Say("audit.extra", "Ledger", f.Ledger)
	}
	return w.Say("audit.differs", "Report", f.Report, "Ledger", f.Ledger)
}

// printTable is for Excel in Russian: semicolons, CRLF, UTF-8 with a byte order mark.
func (a *auditPrinter) printTable(s ui.Streams) error {
	if _, err := fmt.Fprint(s.Out, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(s.Out)
	w.Comma, w.UseCRLF = ';', true
	if err := w.Write([]string{"kind", "order", "account", "report", "ledger", "origin", "cure"}); err != nil {
		return err
	}
	if err := a.Each(func(f *desk.Finding) error {
		return w.Write([]string{f.Kind, f.Order, f.Account, f.Report, f.Ledger, f.Origin, f.Cure})
	}); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
