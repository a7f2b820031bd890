package review

import (
	"context"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
)

// RequeueCommand is obmen requeue.
func RequeueCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "requeue",
		Usage:     "put a file from quarantine or archive back into the inbox for another try",
		ArgsUsage: "FILE",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "route", Usage: "the `NAME` of the route, where it is recorded nowhere"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Misuse(words.New("requeue.name-file"), words.Plain("obmen requeue orders.json"))
			}
			return runRequeue(c.Context, requeueOptions{c.Path("config"), c.Args().First(), c.String("route"), c.Bool("json")}, s)
		},
	}
}

type requeueOptions struct {
	Config, File, Route string
	JSON                bool
}

func runRequeue(ctx context.Context, opt requeueOptions, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer session.Close()
	done, err := session.Requeue(ctx, opt.File, opt.Route)
	switch {
	case err != nil:
		return err
	case opt.JSON:
		return ui.PrintJSON(s.Out, done)
	}
	s.Tell("requeue.done", "From", ui.OneLine(done.From), "To", ui.OneLine(done.To))
	return nil
}
