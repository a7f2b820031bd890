package main

import (
	"context"
	"fmt"

	"obmen/watch/folder"
	"obmen/watch/service"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"

	"github.com/urfave/cli/v2"
)

func doctorCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "doctor",
		Usage:     "find out what folders can do, and what follows for the work",
		ArgsUsage: "[DIR…]",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.BoolFlag{Name: "as-service", Usage: "look with the rights of the installed service (systemd)"},
		},
		Action: func(c *cli.Context) error {
			if c.Bool("as-service") {
				return serving.RunDoctorAsService(c.Context, c.Path("config"), service.DefaultName, s)
			}
			return runDoctor(c.Context, c.Path("config"), c.Args().Slice(), c.Bool("json"), s)
		},
	}
}

// The object that doctor --json prints.
type (
	jsonDoctor struct {
		Folders []jsonExamined `json:"folders"`
	}
	jsonExamined struct {
		Dir      string        `json:"dir"`
		Findings []jsonFinding `json:"findings"`
	}
	jsonFinding struct {
		Probe   string `json:"probe"`
		Level   string `json:"level"` // ok, warn or bad
		Text    string `json:"text"`
		Follows string `json:"follows,omitempty"`
	}
)

// runDoctor examines the given folders, or all of the configuration.
func runDoctor(ctx context.Context, path string, dirs []string, json bool, s ui.Streams) error {
	result := jsonDoctor{[]jsonExamined{}}
	bad := 0
	if len(dirs) == 0 {
		cfg, err := setup.LoadSettings(path)
		if err != nil {
			return err
		}
		f := cfg.Folders
		dirs = []string{f.Inbox, f.Outbox, f.Archive, f.Quarantine, f.Ack, f.State}
		if cfg.Store.Bucket != nil {
			examined := examineStore(ctx, cfg)
			result.Folders = append(result.Folders, examined)
			if examined.Findings[0].Level == string(folder.Bad) {
				bad++
			}
			if !json {
				examined.print(s)
			}
		}
	}
	for _, dir := range dirs {
		examined := jsonExamined{Dir: dir}
		for _, f := range folder.Examine(ctx, dir) {
			examined.Findings = append(examined.Findings, jsonFinding{f.Probe, string(f.Level), f.Text, f.Follows})
			if f.Level == folder.Bad {
				bad++
			}
		}
		result.Folders = append(result.Folders, examined)
		if !json {
			examined.print(s)
		}
	}
	if json {
		if err := ui.PrintJSON(s.Out, result); err != nil {
			return err
		}
	}
	if bad > 0 {
		return ui.WithHint(fmt.Errorf("%s", ui.Plural(bad, "finding that stops the work", "findings that stop the work")), "mend what is marked bad above and run obmen doctor again")
	}
	return nil
}

// examineStore tries the bucket of the kept copies.
func examineStore(ctx context.Context, cfg *config.Config) jsonExamined {
	found, _, err := setup.ProbeBucket(ctx, cfg)
	finding := jsonFinding{Probe: "kept copies", Level: string(folder.Fine), Text: "it takes, gives, lists and removes them"}
	switch {
	case err != nil:
		finding.Level, finding.Text, finding.Follows = string(folder.Bad), err.Error(), ui.HintOf(err)
	case !found.Refuses:
		finding.Level, finding.Text = string(folder.Caution), "it does not refuse to replace what is there"
		finding.Follows = "obmen looks before it puts, and names are those of the bytes, so nothing is lost"
	}
	return jsonExamined{cfg.Store.Bucket.String(), []jsonFinding{finding}}
}

func (e *jsonExamined) print(s ui.Streams) {
	w := s.Words()
	fmt.Fprintln(s.Out, e.Dir)
	for _, f := range e.Findings {
		fmt.Fprintf(s.Out, "  %-4s  %s: %s\n", w.Phrase(string(f.Level)), w.Phrase(f.Probe), w.Phrase(f.Text))
		if f.Follows != "" {
			fmt.Fprintln(s.Out, "        "+w.Phrase(f.Follows))
		}
	}
}
