package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionFlag ends the command line when a shell asks what could come next.
const completionFlag = "--generate-bash-completion"

// optionsFirst returns a command line with the options before the arguments, as the flag parser needs them:
// people write them anywhere.
func optionsFirst(app *cli.App, args []string) []string {
	command, rest := findCommand(app, args)
	if command == nil || slices.Contains(rest, completionFlag) {
		return args
	}
	var options, others []string
	for i := 0; i < len(rest); i++ {
		arg := rest[i]
		switch {
		case arg == "--":
			others = append(others, rest[i+1:]...)
			i = len(rest)
			options = append(options, "--")
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			others = append(others, arg)
		default:
			options = append(options, arg)
			if takesValue(command, arg) && i+1 < len(rest) {
				i++
				options = append(options, rest[i])
			}
		}
	}
	if len(others) > 0 && slices.ContainsFunc(command.Subcommands, func(c *cli.Command) bool { return c.HasName(others[0]) }) {
		return args // options of a command above stand before the one below
	}
	begin := args[: len(args)-len(rest) : len(args)-len(rest)]
	return append(append(begin, options...), others...)
}

// findCommand returns the command that a command line names, and what stands behind its name.
func findCommand(app *cli.App, args []string) (found *cli.Command, rest []string) {
	list := app.Commands
	rest = args[min(1, len(args)):]
	for len(rest) > 0 {
		i := slices.IndexFunc(list, func(c *cli.Command) bool { return c.HasName(rest[0]) })
		if i < 0 {
			break
		}
		found, list, rest = list[i], list[i].Subcommands, rest[1:]
	}
	return found, rest
}

// takesValue reports whether the word behind an option is its value.
func takesValue(c *cli.Command, option string) bool {
	name := strings.TrimLeft(option, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range c.Flags {
		if slices.Contains(f.Names(), name) {
			_, isSwitch := f.(*cli.BoolFlag)
			return !isSwitch
		}
	}
	return false
}

// optionNames are the options of a command, as they are typed.
func optionNames(c *cli.Command) (names []string) {
	for _, f := range c.Flags {
		for _, name := range f.Names() {
			names = append(names, "--"+name)
		}
	}
	return names
}

func commandNames(list []*cli.Command) (names []string) {
	for _, c := range list {
		names = append(names, c.Name)
	}
	return names
}
