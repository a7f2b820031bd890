package serving

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/httpdoor"
)

// SiteCommand is obmen site, with the commands below it.
func SiteCommand(s ui.Streams) *cli.Command {
	set := &cli.Command{
		Name:      "set",
		Usage:     "store the password that 1C logs in with; it is read from the standard input and never shown",
		ArgsUsage: "NAME",
		Flags: []cli.Flag{
			setup.ConfigFlag(),
			&cli.BoolFlag{Name: "machine", Usage: "Windows: let a service under another account use it"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage(config.Command(c.Path("config"), "site user set", "1c"), "name one [[site.user]] of obmen.toml")
			}
			return runSiteUserSet(c.Context, c.Path("config"), c.Args().First(), c.Bool("machine"), s)
		},
	}
	return &cli.Command{
		Name:  "site",
		Usage: "let 1C fetch its orders by its own exchange with sites",
		Subcommands: []*cli.Command{{
			Name: "user", Usage: "the users of [site]", Subcommands: []*cli.Command{set},
			Action: func(*cli.Context) error { return ui.Usage("obmen site user set NAME", "say what to do with the user") },
		}},
		Action: func(*cli.Context) error { return ui.Usage("obmen site user set NAME", "say what to do with the site") },
	}
}

func runSiteUserSet(ctx context.Context, path, name string, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	u, known := cfg.SiteUserOf(name)
	if !known {
		return ui.InSettings(ui.WithHint(fmt.Errorf("%s: no [[site.user]] is called %q", cfg.Path, name), `add [[site.user]] with name = "`+name+`" below [site]`))
	}
	password, err := askPassword(ctx, s)
	if err != nil {
		return err
	}
	hash, err := httpdoor.HashPassword([]byte(password))
	if err != nil {
		return ui.WithHint(err, "nothing is changed; give a password of 8 to 72 characters, as it is typed into 1C")
	}
	if err := cfg.StoreSiteHash(u.Name, hash, time.Now(), machine); err != nil {
		return notStored(cfg, err)
	}
	s.PrintPhrase(s.Err, "stored for user %s; it counts from now on\n", u.Name)
	return nil
}

// askPassword reads one line.
func askPassword(ctx context.Context, s ui.Streams) (string, error) {
	if ui.TerminalIn(s.In) {
		fmt.Fprint(s.Err, "password (not shown): ")
		text, err := ui.ReadHidden(ctx, s.In)
		fmt.Fprintln(s.Err)
		return strings.TrimRight(text, "\r\n"), err
	}
	text, err := bufio.NewReader(s.In).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(strings.TrimPrefix(text, "\ufeff"), "\r\n"), nil
}

// notStored is why nothing could be stored among the secrets.
func notStored(cfg *config.Config, err error) error {
	if err = setup.MarkSecretErrors(err); ui.HintOf(err) == "" {
		err = ui.WithHint(err, "nothing is changed; look at the space and the rights of "+filepath.Dir(cfg.SecretsFile()))
	}
	return err
}
