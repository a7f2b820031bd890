package review

import (
	"context"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
)

// ExplainCommand is obmen explain.
func ExplainCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Usage:     "show where every number of an order comes from and where the order went",
		ArgsUsage: "ORDER",
		Flags:     []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Misuse(words.New("explain.name-order"), words.Plain(config.Command(c.Path("config"), "explain", "302-1234567-1234567")))
			}
			return runExplain(c.Context, c.Path("config"), c.Args().First(), c.Bool("json"), s)
		},
	}
}

func runExplain(ctx context.Context, config, id string, json bool, s ui.Streams) error {
	session, err := setup.OpenReading(ctx, config)
	if err != nil {
		return err
	}
	defer session.Close()
	list, err := session.Explain(ctx, id)
	switch {
	case err != nil:
		return err
	case json:
		return ui.PrintJSON(s.Out, jsonStories(list, session.Config.Options.Sources))
	}
	for i := range list {
		printStory(s, &list[i], session.Config.Options.Sources)
	}
	return nil
}
