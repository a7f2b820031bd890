package main

import (
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/convert/layout/tmpl"
	"obmen/watch/desk/words"
)

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
