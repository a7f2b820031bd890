package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/drop"
)

// streams are what a command reads and writes. Results go to Out, words for people to Err.
type streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Exit codes; the table stands in every --help.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitHeld        = 3
	exitConfig      = 4
	exitLocked      = 5
	exitRemote      = 6
	exitInterrupted = 130
)

const exitTable = `Exit codes: 0 ok · 1 error · 2 wrong usage · 3 done, but some orders are held or files refused ·
   4 settings, catalogs or layouts · 5 another obmen works in the same folder · 6 Amazon refused · 130 interrupted`

var (
	errHeld  = errors.New("some orders are held or files refused")
	errUsage = errors.New("wrong usage")
)

// hinted is an error with the user's next step.
type hinted struct {
	err  error
	hint string
}

func (h hinted) Error() string { return h.err.Error() }
func (h hinted) Unwrap() error { return h.err }
func (h hinted) Hint() string  { return h.hint }

// usage refuses a command line.
func usage(hint, format string, args ...any) error {
	return hinted{fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...)), hint}
}

func run(ctx context.Context, args []string, s streams) int {
	err := newApp(s).RunContext(ctx, args)
	if ctx.Err() != nil {
		if _, hung := errors.AsType[*watch.HungError](err); hung {
			printError(s.Err, err)
			return exitInterrupted
		}
		fmt.Fprintln(s.Err, "interrupted: nothing half-written is left")
		return exitInterrupted
	}
	return exitCode(err, s.Err)
}

// exitCode prints an error with its hint and gives its exit code.
func exitCode(err error, w io.Writer) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errHeld) {
		return exitHeld
	}
	printError(w, err)
	var problems config.Problems
	var locked *drop.LockedError
	switch {
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.As(err, &problems), errors.As(err, new(settingsError)):
		return exitConfig
	case errors.As(err, &locked):
		return exitLocked
	case errors.As(err, new(*spapi.Error)), errors.Is(err, errCheck):
		return exitRemote
	}
	return exitError
}

func newApp(s streams) *cli.App {
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
			convertCommand(s), watchCommand(s), initCommand(s), checkCommand(s), fieldsCommand(s), templateCommand(s), completionCommand(s), manCommand(s),
			statusCommand(s), heldCommand(s), dismissCommand(s), explainCommand(s), requeueCommand(s), putCommand(s), doctorCommand(s), retryCommand(s), replayCommand(s), purgeCommand(s), ledgerCommand(s), secretCommand(s), fetchCommand(s), auditCommand(s),
			onecCommand(s),
		},
	}
	finish(app.Commands)
	return app
}

// finish gives commands, and those below them, what all have in common.
func finish(commands []*cli.Command) {
	for _, c := range commands {
		c.OnUsageError = onUsageError
		c.HideHelpCommand = true
		c.Description = strings.TrimSpace(c.Description + "\n\n" + exitTable)
		if len(c.Subcommands) == 0 { // else the options belong to a command below
			c.Before = noStrayFlags
		}
		finish(c.Subcommands)
	}
}

func onUsageError(c *cli.Context, err error, _ bool) error {
	return usage("`"+c.Command.HelpName+" --help` lists the options", "%v", err)
}

func noCommand(c *cli.Context) error {
	if name := c.Args().First(); name != "" {
		return usage("`obmen --help` lists the commands", "obmen has no command %q", name)
	}
	return cli.ShowAppHelp(c)
}

// noArguments refuses what stands behind a command that takes options only: it would be ignored, and the
// command would answer for something else.
func noArguments(c *cli.Context, hint string) error {
	if c.NArg() == 0 {
		return nil
	}
	return usage(hint, "%s takes no files, got %q", strings.TrimPrefix(c.Command.HelpName, "obmen "), c.Args().First())
}

// noStrayFlags refuses options behind the first argument: the flag parser would silently take them for
// arguments and run with other settings than the user wrote.
func noStrayFlags(c *cli.Context) error {
	for i, arg := range c.Args().Slice() {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			args := c.Args().Slice()
			fixed := append(append(optionsBefore(c), args[i:]...), args[:i]...)
			return usage("write options before files: "+config.Command("", fixed[0], fixed[1:]...), "option %q stands behind a file", arg)
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
