package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
)

// Every option of every command, and of those above it, counts wherever it stands on the command line.
func TestOptionsStandAnywhere(t *testing.T) {
	lines := 0
	eachCommand(newApp(testStreams()).Commands, nil, func(path []*cli.Command) {
		var names []string
		for _, c := range path {
			names = append(names, c.Name)
		}
		for _, c := range path {
			for _, f := range c.Flags {
				name := f.Names()[0]
				option := []string{"--" + name}
				if takesValue(c, option[0]) {
					option = append(option, valueFor(f))
				}
				for at := range len(names) + 1 { // behind each command, and behind an argument
					line := slices.Insert(append(slices.Clone(names), "argument"), at+1, option...)
					lines++
					if got := runParsed(t, line, path, name); got != option[len(option)-1]+" argument" {
						t.Errorf("obmen %s: --%s is taken as %q", strings.Join(line, " "), name, got)
					}
				}
			}
		}
	})
	if lines < 300 {
		t.Errorf("only %d command lines", lines)
	}
}

// eachCommand calls do with each command that does something, behind those above it.
func eachCommand(commands, above []*cli.Command, do func(path []*cli.Command)) {
	for _, c := range commands {
		path := append(slices.Clone(above), c)
		if len(c.Subcommands) == 0 {
			do(path)
		}
		eachCommand(c.Subcommands, path, do)
	}
}

func testStreams() ui.Streams {
	return ui.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}.Safe("en")
}

func valueFor(f cli.Flag) string {
	switch f.(type) {
	case *cli.IntFlag:
		return "7"
	case *cli.DurationFlag:
		return "7s"
	}
	return "name=value"
}

// runParsed runs a command line whose command only shows what it was given: the value of an option, its own name for
// a switch, and the arguments.
func runParsed(t *testing.T, line []string, path []*cli.Command, name string) (got string) {
	app := newApp(testStreams())
	commands := app.Commands
	var c *cli.Command
	for _, p := range path {
		c = commands[slices.IndexFunc(commands, func(c *cli.Command) bool { return c.Name == p.Name })]
		c.Before, commands = nil, c.Subcommands
	}
	c.Action = func(c *cli.Context) error {
		value := strings.Trim(fmt.Sprint(c.Generic(name)), "[]")
		if value == "true" {
			value = "--" + name
		}
		got = strings.Join(append([]string{value}, c.Args().Slice()...), " ")
		return nil
	}
	if err := app.Run(optionsFirst(app, append([]string{"obmen"}, line...))); err != nil {
		t.Errorf("obmen %s: %v", strings.Join(line, " "), err)
	}
	return got
}
