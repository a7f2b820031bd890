package serving

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/secrets"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
	"obmen/watch/notify"
)

// ErrNotSent is an alert that did not arrive; the lines above it name the reason.
var ErrNotSent = errors.New("not every channel took the message")

// NotifyCommand is obmen notify, with the commands below it.
func NotifyCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "notify",
		Usage: "store the address that alerts go to, and try it out",
		Subcommands: []*cli.Command{
			{
				Name:      "test",
				Usage:     "send a message to every channel of obmen.toml, or to those that are named",
				ArgsUsage: "[CHANNEL…]",
				Flags:     []cli.Flag{setup.ConfigFlag()},
				Action: func(c *cli.Context) error {
					return runNotifyTest(c.Context, c.Path("config"), c.Args().Slice(), s)
				},
			},
			{
				Name:      "set",
				Usage:     "store the address of a channel; it is not shown",
				ArgsUsage: "CHANNEL",
				Description: "Asks for the address, or reads it from the standard input: telegram://TOKEN@telegram?chats=NUMBER, smtp://…,\n" +
					"generic+https://…, or another of https://shoutrrr.nickfedor.com.",
				Flags: []cli.Flag{
					setup.ConfigFlag(),
					&cli.BoolFlag{Name: "machine", Usage: "Windows: let a service under another account use it"},
				},
				Action: func(c *cli.Context) error {
					if c.NArg() != 1 {
						return ui.Misuse(words.New("notify.name-one"), words.Plain(config.Command(c.Path("config"), "notify set", "office")))
					}
					return runNotifySet(c.Context, c.Path("config"), c.Args().First(), c.Bool("machine"), s)
				},
			},
		},
		Action: func(c *cli.Context) error {
			return ui.Misuse(words.New("notify.what-to-do"), words.Plain("obmen notify test, obmen notify set CHANNEL"))
		},
	}
}

// channelsNamed returns the channels of those names; all without names.
func channelsNamed(cfg *config.Config, names []string) (list []*config.Notify, err error) {
	var known []string
	for i := range cfg.Notify {
		known = append(known, cfg.Notify[i].Name)
		if len(names) == 0 {
			list = append(list, &cfg.Notify[i])
		}
	}
	if len(known) == 0 {
		return nil, ui.InSettings(words.Refuse(words.New("notify.none", "Settings", cfg.Path), words.New("notify.add")))
	}
	for _, name := range names {
		n := len(list)
		for i := range cfg.Notify {
			if strings.EqualFold(cfg.Notify[i].Name, name) {
				list = append(list, &cfg.Notify[i])
			}
		}
		if len(list) == n {
			return nil, ui.InSettings(words.Refuse(words.New("notify.unknown", "Channel", name), words.New("notify.known", "Channels", known)))
		}
	}
	return list, nil
}

// runNotifyTest sends one message to each channel. One that does not take it stops no other.
func runNotifyTest(ctx context.Context, path string, names []string, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	channels, err := channelsNamed(cfg, names)
	if err != nil {
		return err
	}
	failed := false
	for _, n := range channels {
		channel, err := notifyChannel(cfg, n)
		if err != nil {
			failed = true
			s.PrintError(err)
			continue
		}
		if err := notify.Shoutrrr(ctx, channel.URL, s.Words().Say("notify.test-message", "Version", setup.Version)); err != nil {
			failed = true
			s.PrintProblem(s.Words().Say("notify.failed", "Channel", n.Name, "Why", err.Error()), s.Words().Say("notify.look-at-address"))
			continue
		}
		s.Tell("notify.sent", "Channel", n.Name)
	}
	if failed {
		return ErrNotSent
	}
	return nil
}

func runNotifySet(ctx context.Context, path, name string, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	channels, err := channelsNamed(cfg, []string{name})
	if err != nil {
		return err
	}
	address, err := secrets.Ask(ctx, s, bufio.NewReader(s.In), s.Words().Say("notify.address"))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	address = strings.TrimSpace(address)
	if err := notify.CheckAddress(address); err != nil {
		return words.Refuse(words.New("notify.wrong-address", "Channel", name, "From", "-", "Why", err.Error()), words.New("notify.add"))
	}
	if err := cfg.StoreNotifyAddress(channels[0].Name, address, time.Now(), machine); err != nil {
		return setup.MarkSecretErrors(err)
	}
	s.Note("notify.stored", "Channel", channels[0].Name, "File", cfg.SecretsFile(), "Command", cfg.Command("notify test", channels[0].Name))
	return nil
}
