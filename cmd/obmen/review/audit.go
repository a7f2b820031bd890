package review

import (
	"context"

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
	session, err := setup.OpenSession(ctx, o.Config)
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
