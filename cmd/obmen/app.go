package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/fetch/pull"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

func run(ctx context.Context, args []string, s ui.Streams) int {
	s = s.Safe(config.SystemLanguage())
	err := newApp(s).RunContext(ctx, args)
	if ctx.Err() != nil {
		if _, hung := errors.AsType[*watch.HungError](err); hung {
			s.PrintError(err)
			return ui.ExitInterrupted
		}
		s.Note("run.interrupted")
		return ui.ExitInterrupted
	}
	return exitCode(err, s)
}

// exitCode prints an error with its hint and returns its exit code.
func exitCode(err error, s ui.Streams) int {
	if err == nil {
		return ui.ExitOK
	}
	if errors.Is(err, ui.ErrHeld) {
		return ui.ExitHeld
	}
	if errors.Is(err, ui.ErrBroken) {
		return ui.ExitError
	}
	if errors.Is(err, errNotSent) {
		return ui.ExitRemote
	}
	s.PrintError(err)
	var problems config.Problems
	var locked *drop.LockedError
	switch {
	case errors.Is(err, ui.ErrUsage):
		return ui.ExitUsage
	case errors.As(err, &problems), errors.As(err, new(ui.SettingsError)):
		return ui.ExitConfig
	case errors.As(err, &locked):
		return ui.ExitLocked
	case errors.As(err, new(*spapi.Error)), errors.As(err, new(*pull.Error)), errors.Is(err, pull.ErrEndless), errors.Is(err, errCheck):
		return ui.ExitRemote
	}
	return ui.ExitError
}

func newApp(s ui.Streams) *cli.App {
	app := &cli.App{
		Name:                 "obmen",
		Usage:                "pass marketplace orders to 1C:Enterprise through folders",
		Version:              version,
		Reader:               s.In,
		Writer:               s.Out,
		ErrWriter:            s.Err,
		EnableBashCompletion: true,
		Suggest:              true,
		HideHelpCommand:      true,
		ExitErrHandler:       func(*cli.Context, error) {},
		OnUsageError:         onUsageError,
		Action:               noCommand,
		Commands: []*cli.Command{
			convertCommand(s), watchCommand(s), initCommand(s), checkCommand(s), fieldsCommand(s), templateCommand(s), sourceCommand(s), completionCommand(s), manCommand(s),
			statusCommand(s), heldCommand(s), dismissCommand(s), explainCommand(s), requeueCommand(s), putCommand(s), doctorCommand(s), retryCommand(s), replayCommand(s), purgeCommand(s), ledgerCommand(s), secretCommand(s), fetchCommand(s), auditCommand(s),
			onecCommand(s), siteCommand(s), openCommand(s), webCommand(s), notifyCommand(s),
		},
	}
	configureCommands(app.Commands, s)
	return app
}

// configureCommands gives commands, and those below them, what all have in common.
func configureCommands(commands []*cli.Command, s ui.Streams) {
	for _, c := range commands {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true
		c.Description = strings.TrimSpace(c.Description + "\n\n" + ui.ExitTable)
		if len(c.Subcommands) == 0 || len(c.Flags) > 0 { // else the options belong to a command below
			c.Before = func(c *cli.Context) error {
				if c.Command.Command(c.Args().First()) != nil {
					return nil
				}
				s.Voice.Choose(config.Language(c.Path("config")))
				return noStrayFlags(c)
			}
		}
		configureCommands(c.Subcommands, s)
	}
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	return ui.Usage("`"+c.Command.HelpName+" --help` lists the options", "%v", err)
}

func noCommand(c *cli.Context) error {
	if name := c.Args().First(); name != "" {
		return ui.Usage("`obmen --help` lists the commands", "obmen has no command %q", name)
	}
	return cli.ShowAppHelp(c)
}

// noArguments refuses what stands behind a command that takes options only: it would be ignored, and the
// command would answer for something else.
func noArguments(c *cli.Context, hint string) error {
	if c.NArg() == 0 {
		return nil
	}
	name := strings.TrimPrefix(c.Command.HelpName, "obmen ")
	if looksLikeSettings(c.Args().First()) {
		hint = config.Command(c.Args().First(), name)
	}
	return ui.Misuse(words.New("usage.no-files", "Command", name, "Given", c.Args().First()), words.Plain(hint))
}

// looksLikeSettings reports whether an argument is a file of settings that belongs behind --config.
func looksLikeSettings(arg string) bool { return strings.EqualFold(filepath.Ext(arg), ".toml") }

// noStrayFlags refuses options behind the first argument: the flag parser would silently take them for
// arguments and run with other settings than the user wrote.
func noStrayFlags(c *cli.Context) error {
	for i, arg := range c.Args().Slice() {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			args := c.Args().Slice()
			fixed := append(append(optionsBefore(c), args[i:]...), args[:i]...)
			return ui.Usage("write options before files: "+config.Command("", fixed[0], fixed[1:]...), "option %q stands behind a file", arg)
		}
	}
	return nil
}

// optionsBefore are the words of a command line up to the first argument: the command and its options.
func optionsBefore(c *cli.Context) []string {
	var all []string
	for _, outer := range c.Lineage() {
		if words := outer.Args().Slice(); len(words) > len(all) {
			all = words
		}
	}
	return append([]string{}, all[:len(all)-c.NArg()]...)
}
