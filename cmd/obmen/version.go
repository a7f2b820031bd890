package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// What the linker sets: the revision that was built and its day.
var commit, date string

// versionLine returns the line that --version prints behind the name.
func versionLine() string {
	line := setup.Version
	if commit != "" {
		line += " (" + commit + ", " + date + ")"
	}
	return line + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

func versionCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print version, commit, date and Go; compare the program with the published checksums",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "check", Usage: "look for this program's SHA-256 in `SHA256SUMS`, the file that is published with it"},
		},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen version --check SHA256SUMS"); err != nil {
				return err
			}
			fmt.Fprintln(s.Out, "obmen version "+versionLine())
			if sums := c.Path("check"); sums != "" {
				return checkSum(sums, s)
			}
			return nil
		},
	}
}

// checkSum looks for the program's own checksum among those that are published.
func checkSum(sums string, s ui.Streams) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	own, err := setup.FileSHA256(program)
	if err != nil {
		return err
	}
	f, err := drop.OpenRegular(sums)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		sum, name, _ := strings.Cut(lines.Text(), " ")
		if strings.EqualFold(sum, own) {
			s.Tell("version.same", "Name", strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "*")), "Sum", own)
			return nil
		}
	}
	return errors.Join(lines.Err(), words.Refuse(words.New("version.differs", "Sum", own, "File", sums), words.New("version.get-again")))
}
