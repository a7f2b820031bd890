package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/review"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
	"obmen/convert/layout/tmpl"
	"obmen/fetch/pull"
	"obmen/fetch/spapi"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

func run(ctx context.Context, args []string, s ui.Streams) int {
	s = s.Safe(config.SystemLanguage())
	app := newApp(s)
	if completeValue(app, args, s) {
		return ui.ExitOK
	}
	err := app.RunContext(ctx, optionsFirst(app, args))
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
	if errors.Is(err, serving.ErrNotSent) {
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
	case errors.As(err, new(*spapi.Error)), errors.As(err, new(*pull.Error)), errors.Is(err, pull.ErrEndless), errors.Is(err, fetching.ErrCheck):
		return ui.ExitRemote
	}
	return ui.ExitError
}

func newApp(s ui.Streams) *cli.App {
	app := &cli.App{
		Name:                 "obmen",
		Usage:                "pass marketplace orders to 1C:Enterprise through folders",
		Version:              versionLine(),
		Flags:                []cli.Flag{cli.HelpFlag}, // the parser adds none beside a command called help
		Reader:               s.In,
		Writer:               helpWriter(s),
		ErrWriter:            s.Err,
		EnableBashCompletion: true,
		Suggest:              true,
		HideHelpCommand:      true,
		ExitErrHandler:       func(*cli.Context, error) {},
		OnUsageError:         onUsageError,
		Action:               noCommand(s),
		Commands: []*cli.Command{
			converting.ConvertCommand(s), serving.WatchCommand(s), initCommand(s), serving.CheckCommand(s), converting.FieldsCommand(s), converting.TemplateCommand(s), converting.SourceCommand(s), completionCommand(s), manCommand(s),
			statusCommand(s), review.HeldCommand(s), review.DismissCommand(s), review.ExplainCommand(s), review.RequeueCommand(s), putCommand(s), doctorCommand(s), review.RetryCommand(s), review.ReplayCommand(s), purgeCommand(s), ledgerCommand(s), secrets.Command(s), fetching.Command(s), review.AuditCommand(s),
			converting.OneCCommand(s), serving.SiteCommand(s), serving.OpenCommand(s), serving.WebCommand(s), serving.NotifyCommand(s), helpCommand(s), backupCommand(s), restoreCommand(s), versionCommand(s), serving.ServiceCommand(s),
		},
	}
	configureCommands(app.Commands, s)
	app.Usage = s.Words().Phrase(app.Usage)
	translateHelp(app.Commands, s.Words())
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
				return nil
			}
		}
		if len(c.Subcommands) > 0 && c.Action != nil {
			suggestBelow(c)
		}
		configureCommands(c.Subcommands, s)
	}
}

// onUsageError names the option that was probably meant.
func onUsageError(c *cli.Context, err error, _ bool) error {
	next := words.New("usage.see-options", "Command", c.Command.HelpName)
	if _, wrong, found := strings.Cut(err.Error(), "flag provided but not defined: "); found {
		if near := tmpl.Nearest("--"+strings.TrimLeft(wrong, "-"), append(optionNames(c.Command), "--help")); near != "" {
			next = words.New("usage.did-you-mean", "Near", near)
		}
	}
	return ui.Misuse(words.Plain(err.Error()), next)
}

// noCommand is the action without a command: it converts files that were dropped on its icon.
func noCommand(s ui.Streams) cli.ActionFunc {
	return func(c *cli.Context) error {
		name := c.Args().First()
		if name == "" {
			return cli.ShowAppHelp(c)
		}
		if files := c.Args().Slice(); allExist(files) {
			return runBeside(c.Context, files, s)
		}
		return ui.Misuse(words.New("usage.no-command", "Name", name), meantCommand(name, c.App.Commands))
	}
}

// meantCommand is the next step after a command that there is not.
func meantCommand(name string, list []*cli.Command) words.Text {
	if near := tmpl.Nearest(name, commandNames(list)); near != "" {
		return words.New("usage.did-you-mean", "Near", "obmen "+near)
	}
	return words.New("usage.see-commands")
}

// suggestBelow refuses a command below another that there is not, before the one above complains of its own.
func suggestBelow(above *cli.Command) {
	action, worksItself := above.Action, len(above.Flags) > 0
	above.Action = func(c *cli.Context) error {
		name := c.Args().First()
		if near := tmpl.Nearest(name, commandNames(above.Subcommands)); name != "" && near != "" {
			return ui.Misuse(words.New("usage.no-subcommand", "Command", above.HelpName, "Name", name), words.New("usage.did-you-mean", "Near", above.HelpName+" "+near))
		}
		if name != "" && !worksItself {
			return ui.Misuse(words.New("usage.no-subcommand", "Command", above.HelpName, "Name", name), words.New("usage.subcommands", "Names", commandNames(above.Subcommands)))
		}
		return action(c)
	}
}

// topicTexts has a text for each topic of `obmen help`, in each language.
//
//go:embed topics
var topicTexts embed.FS

func helpCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "explain a command or a topic; without a name, list them",
		ArgsUsage: "[COMMAND | TOPIC]",
		Action: func(c *cli.Context) error {
			return runHelp(c, c.Args().Slice(), s)
		},
	}
}

func runHelp(c *cli.Context, asked []string, s ui.Streams) error {
	topics := topicNames()
	if len(asked) == 0 {
		if err := cli.ShowAppHelp(c); err != nil {
			return err
		}
		s.Tell("help.topics", "Topics", topics)
		return nil
	}
	if text, err := topicTexts.ReadFile(path.Join("topics", s.Words().Language, asked[0]+".md")); err == nil && len(asked) == 1 {
		fmt.Fprint(s.Out, string(text))
		return nil
	}
	if line := readLine(c.App, asked); len(line.names) == len(asked) {
		return newApp(s).RunContext(c.Context, append(append([]string{"obmen"}, asked...), "--help"))
	}
	next := words.New("help.topics", "Topics", topics)
	if near := tmpl.Nearest(asked[0], append(commandNames(c.App.Commands), topics...)); near != "" {
		next = words.New("usage.did-you-mean", "Near", "obmen help "+near)
	}
	return ui.Misuse(words.New("help.none", "Asked", strings.Join(asked, " ")), next)
}

// topicNames are the topics of `obmen help`.
func topicNames() (names []string) {
	entries, err := topicTexts.ReadDir("topics/en")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".md"))
	}
	return names
}
