package serving

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/httpdoor"
	"obmen/watch/web"
)

// OpenCommand is obmen open.
func OpenCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "open",
		Usage: "open the page of a running watcher in the browser, by a link that works once",
		Flags: []cli.Flag{
			setup.ConfigFlag(),
			&cli.BoolFlag{Name: "print", Usage: "print the link instead; it works for five minutes"},
		},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen open"); err != nil {
				return err
			}
			return runOpen(c.Path("config"), c.Bool("print"), s)
		},
	}
}

// runOpen opens the page as an administrator: who may write into the state folder may do all.
func runOpen(path string, print bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if cfg.Web.Listen == "" {
		return ui.InSettings(words.Refuse(words.New("open.off"), words.New("open.switch-on", "Settings", cfg.Path)))
	}
	d := setup.NewDesk(cfg, nil)
	if cfg.Ledger.Address != "" {
		if d.Ledger, err = setup.OpenLedger(context.Background(), cfg, false); err != nil {
			return err
		}
		defer d.Ledger.Close()
	}
	running, _, err := d.Watcher()
	if err != nil {
		return err
	}
	if !running {
		return words.Refuse(words.New("open.not-running"), words.New("open.start", "Command", cfg.Command("watch")))
	}
	link, err := web.MakeLink(cfg.Folders.State, systemUser(), time.Now())
	if errors.Is(err, fs.ErrNotExist) {
		return words.Refuse(words.New("open.no-page"), words.New("open.look-at-watch"))
	}
	if err != nil {
		return err
	}
	if print {
		fmt.Fprintln(s.Out, link)
		return nil
	}
	if err := OpenBrowser(link); err != nil {
		s.Note("open.by-hand")
		fmt.Fprintln(s.Out, link)
	}
	return nil
}

// systemUser is the person's name on this machine, for the trail of what was done.
func systemUser() string {
	if u, err := user.Current(); err == nil {
		return filepath.Base(u.Username)
	}
	return ""
}

// OpenBrowser opens an address as the system does.
func OpenBrowser(address string) error {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", address).Start()
	case "darwin":
		return exec.Command("open", address).Start()
	}
	return exec.Command("xdg-open", address).Run()
}

// WebCommand is obmen web, with the commands below it.
func WebCommand(s ui.Streams) *cli.Command {
	machine := &cli.BoolFlag{Name: "machine", Usage: "Windows: let a service under another account use it"}
	set := &cli.Command{
		Name:      "set",
		Usage:     "let a person log in to the page; the password is read from the standard input and never shown",
		ArgsUsage: "NAME",
		Flags: []cli.Flag{
			setup.ConfigFlag(), machine,
			&cli.StringFlag{Name: "role", Value: "work", Usage: "`ROLE` is look, work or admin"},
		},
		Action: func(c *cli.Context) error {
			role, known := roles.ParseRole(c.String("role"))
			if c.NArg() != 1 || !known {
				return ui.Usage(config.Command(c.Path("config"), "web user set", "--role", "work", "anna"), "name one person, and the role look, work or admin")
			}
			return runWebUserSet(c.Context, c.Path("config"), config.WebUser{Name: c.Args().First(), Role: role}, c.Bool("machine"), s)
		},
	}
	remove := &cli.Command{
		Name: "remove", Usage: "let a person log in no more", ArgsUsage: "NAME", Flags: []cli.Flag{setup.ConfigFlag(), machine},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Usage(config.Command(c.Path("config"), "web user remove", "anna"), "name one person")
			}
			return runWebUserRemove(c.Path("config"), c.Args().First(), c.Bool("machine"), s)
		},
	}
	list := &cli.Command{
		Name: "list", Usage: "list who may log in, with their roles", Flags: []cli.Flag{setup.ConfigFlag()},
		Action: func(c *cli.Context) error { return runWebUserList(c.Path("config"), s) },
	}
	return &cli.Command{
		Name:  "web",
		Usage: "say who may log in to the page",
		Subcommands: []*cli.Command{{
			Name: "user", Usage: "the users of the page", Subcommands: []*cli.Command{set, remove, list},
			Action: func(*cli.Context) error { return ui.Usage("obmen web user set NAME", "say what to do with the user") },
		}},
		Action: func(*cli.Context) error { return ui.Usage("obmen web user set NAME", "say what to do with the page") },
	}
}

func runWebUserSet(ctx context.Context, path string, u config.WebUser, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	password, err := askPassword(ctx, s)
	if err != nil {
		return err
	}
	if u.Hash, err = httpdoor.HashPassword([]byte(password)); err != nil {
		return ui.WithHint(err, "nothing is changed; give a password of 8 to 72 characters")
	}
	if err := cfg.StoreWebUser(u, time.Now(), machine); err != nil {
		return notStored(cfg, err)
	}
	s.Note("web-user.stored", "User", u.Name, "Role", u.Role.String())
	return nil
}

func runWebUserRemove(path, name string, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	found, err := cfg.RemoveWebUser(name, machine)
	if err != nil {
		return notStored(cfg, err)
	}
	if !found {
		return words.Refuse(words.New("web-user.unknown", "User", name), words.New("web-user.list-them", "Command", cfg.Command("web user list")))
	}
	s.Note("web-user.removed", "User", name)
	return nil
}

func runWebUserList(path string, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	list, err := cfg.WebUsers()
	if err != nil {
		return setup.MarkSecretErrors(err)
	}
	for _, u := range list {
		fmt.Fprintf(s.Out, "%s\t%s\n", ui.OneLine(u.Name), u.Role)
	}
	return nil
}
