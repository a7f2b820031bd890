package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// completionFlag ends the command line when a shell asks what could come next.
const completionFlag = "--generate-bash-completion"

// optionsFirst returns a command line as the flag parser needs it: people write options anywhere, before or behind
// arguments, and those of a command below also behind the one above.
func optionsFirst(app *cli.App, args []string) []string {
	if len(args) == 0 || slices.Contains(args, completionFlag) {
		return args
	}
	line := readLine(app, args[1:])
	if len(line.path) == 0 {
		return args
	}
	placed := make([][]string, len(line.path))
	last := len(line.path) - 1
	for _, option := range line.options {
		at := line.ownerOf(option[0])
		if at < 0 && len(line.path[last].Subcommands) > 0 {
			return args // a slip in the name of the command below: the parser tells
		}
		if at < 0 {
			at = last
		}
		placed[at] = append(placed[at], option...)
	}
	sorted := slices.Concat(args[:1], line.front)
	for i, name := range line.names {
		sorted = append(append(sorted, name), placed[i]...)
	}
	if line.literal {
		sorted = append(sorted, "--")
	}
	return append(sorted, line.others...)
}

// commandLine is a command line taken apart.
type commandLine struct {
	front   []string       // options of the program itself
	path    []*cli.Command // from the program's command down to that which is meant
	names   []string       // of path, as they were written
	options [][]string     // each with its value, if it takes one
	others  []string
	literal bool // there was a "--": what stands behind it is no option
}

// ownOptions are options that belong to the program where they stand before its command.
var ownOptions = []string{"--help", "-help", "-h", "--version", "-version", "-v"}

func readLine(app *cli.App, args []string) (line commandLine) {
	below := app.Commands
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			line.others, line.literal = append(line.others, args[i+1:]...), true
			return line
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			next := slices.IndexFunc(below, func(c *cli.Command) bool { return c.HasName(arg) })
			if next < 0 || len(line.others) > 0 {
				line.others = append(line.others, arg)
				continue
			}
			line.path, line.names, below = append(line.path, below[next]), append(line.names, arg), below[next].Subcommands
		case len(line.path) == 0 && slices.Contains(ownOptions, arg):
			line.front = append(line.front, arg)
		default:
			option := []string{arg}
			if i+1 < len(args) && (slices.ContainsFunc(line.path, func(c *cli.Command) bool { return takesValue(c, arg) }) || takesValueBelow(below, arg)) {
				i++
				option = append(option, args[i])
			}
			line.options = append(line.options, option)
		}
	}
	return line
}

// ownerOf is the place in the path of the lowest command that has an option; -1 when none has it.
func (l *commandLine) ownerOf(option string) int {
	name, _, _ := strings.Cut(strings.TrimLeft(option, "-"), "=")
	for i, c := range slices.Backward(l.path) {
		if flagOf(c, name) != nil || cli.HelpFlag != nil && slices.Contains(cli.HelpFlag.Names(), name) {
			return i
		}
	}
	return -1
}

func flagOf(c *cli.Command, name string) cli.Flag {
	for _, f := range c.Flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// takesValue reports whether the word behind an option is its value.
func takesValue(c *cli.Command, option string) bool {
	name := strings.TrimLeft(option, "-")
	f := flagOf(c, name)
	_, isSwitch := f.(*cli.BoolFlag)
	return f != nil && !isSwitch
}

// takesValueBelow is takesValue of any of the commands and those below them.
func takesValueBelow(commands []*cli.Command, option string) bool {
	return slices.ContainsFunc(commands, func(c *cli.Command) bool {
		return takesValue(c, option) || takesValueBelow(c.Subcommands, option)
	})
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
