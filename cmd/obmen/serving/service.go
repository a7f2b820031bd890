package serving

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
	"obmen/watch/service"
)

// ServiceCommand is obmen service, with the commands below it.
func ServiceCommand(s ui.Streams) *cli.Command {
	name := &cli.StringFlag{Name: "name", Value: service.DefaultName, Usage: "`NAME` of the service"}
	control := func(verb, usage string, run func(*service.Manager) error) *cli.Command {
		return &cli.Command{
			Name: verb, Usage: usage, Flags: []cli.Flag{name},
			Action: func(c *cli.Context) error {
				m, err := service.NewManager(service.Definition{Name: c.String("name")})
				if err == nil {
					err = run(m)
				}
				return asService(err)
			},
		}
	}
	return &cli.Command{
		Name:  "service",
		Usage: "run obmen watch as a service of the system: Windows, or systemd",
		Subcommands: []*cli.Command{
			{
				Name:  "install",
				Usage: "make obmen watch a service that starts with the system",
				Flags: []cli.Flag{
					setup.ConfigFlag(), name,
					&cli.StringFlag{Name: "user", Usage: `account ` + "`USER`" + ` that it runs as (default on Windows: NT SERVICE\obmen, on Linux: root); its password is read from the standard input on Windows`},
				},
				Action: func(c *cli.Context) error {
					return runServiceInstall(c.Context, c.Path("config"), c.String("name"), c.String("user"), s)
				},
			},
			control("uninstall", "remove the service; settings and folders stay", (*service.Manager).Uninstall),
			control("start", "start the service", (*service.Manager).Start),
			control("stop", "stop the service", (*service.Manager).Stop),
			control("restart", "stop and start the service: changed settings count", (*service.Manager).Restart),
			control("status", "print whether the service runs; exit code 0 when it does, 1 when not", func(m *service.Manager) error {
				state, err := m.State()
				if err != nil {
					return err
				}
				s.Line(words.New("word.service." + string(state)))
				if state != service.Running {
					return ui.ErrBroken
				}
				return nil
			}),
		},
		Action: func(*cli.Context) error {
			return ui.Misuse(words.New("service.what-to-do"), words.Plain("obmen service install, uninstall, start, stop, restart or status"))
		},
	}
}

// asService gives an error of the system's service manager its next step.
func asService(err error) error {
	if err == nil || errors.Is(err, ui.ErrBroken) {
		return err
	}
	return &words.Error{Text: words.Plain(err.Error()), Next: words.New("service.rights"), Err: err}
}

func runServiceInstall(ctx context.Context, path, name, user string, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if err := canStart(cfg); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	d := service.Definition{Name: name, Program: program, Settings: absolute(cfg.Path), User: user, Folders: foldersOfService(cfg)}
	if err := refuseDriveLetters(append(d.Folders, d.Settings, d.Program)); err != nil {
		return err
	}
	if user != "" && runtime.GOOS == "windows" {
		text, err := secrets.Ask(ctx, s, bufio.NewReader(s.In), s.Words().Say("service.password", "User", user))
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		d.Password = strings.TrimSpace(text)
	}
	m, err := service.NewManager(d)
	if err == nil {
		err = m.Install()
	}
	if err != nil {
		return asService(err)
	}
	s.Note("service.installed", "Name", name, "Settings", d.Settings)
	if user == "" && runtime.GOOS == "windows" {
		s.Note("service.grant", "Account", service.VirtualAccount+name, "Folder", filepath.Dir(d.Settings))
	}
	return nil
}

// foldersOfService are all folders that the service writes into.
func foldersOfService(cfg *config.Config) (list []string) {
	list = append(list, absolute(cfg.Folders.State), absolute(cfg.Folders.Catalogs))
	for _, r := range cfg.Routes() {
		for _, dir := range []string{r.Inbox, r.Outbox, r.Archive, r.Quarantine, r.Ack} {
			list = append(list, absolute(dir))
		}
	}
	if cfg.Log.File != "" {
		list = append(list, absolute(filepath.Dir(cfg.Log.File)))
	}
	return list
}

// refuseDriveLetters refuses paths with the letter of a network drive: a service does not have it.
func refuseDriveLetters(paths []string) error {
	for _, path := range paths {
		if unc, drive := service.NetworkPath(path); drive {
			if unc == "" {
				unc = `\\SERVER\SHARE`
			}
			return ui.InSettings(words.Refuse(words.New("service.drive-letter", "Path", path), words.New("service.use-unc", "Path", unc)))
		}
	}
	return nil
}

// errNoSystemd is a machine whose services obmen cannot look at.
var errNoSystemd = errors.New("no systemd runs here")

// RunDoctorAsService runs doctor with the rights of the installed service: its account and its view of the disk.
func RunDoctorAsService(ctx context.Context, path, name string, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	run, err := exec.LookPath("systemd-run")
	if err != nil {
		return words.Refuse(words.New("service.no-systemd"), words.New("service.as-account"))
	}
	user, err := exec.CommandContext(ctx, "systemctl", "show", "--property=User", "--value", name).Output()
	if err != nil {
		return &words.Error{Text: words.New("service.no-systemd"), Next: words.New("service.as-account"), Err: errors.Join(errNoSystemd, err)}
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{"--quiet", "--wait", "--pipe", "--collect", "--property=ProtectSystem=strict", "--property=ProtectHome=read-only"}
	if account := strings.TrimSpace(string(user)); account != "" {
		args = append(args, "--property=User="+account)
	}
	paths, err := exec.CommandContext(ctx, "systemctl", "show", "--property=ReadWritePaths", "--value", name).Output()
	if writable := strings.TrimSpace(string(paths)); err == nil && writable != "" {
		args = append(args, "--property=ReadWritePaths="+writable)
	}
	cmd := exec.CommandContext(ctx, run, append(args, program, "doctor", "--config", absolute(cfg.Path))...)
	cmd.Stdout, cmd.Stderr = s.Out, s.Err
	return cmd.Run()
}
