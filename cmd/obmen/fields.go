package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"obmen/convert/layout"
)

func fieldsCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:  "fields",
		Usage: "list the fields that a layout template may use",
		Action: func(*cli.Context) error {
			w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
			for _, f := range layout.Fields() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Path(), f.Type, f.Meaning, f.Example, f.Russian)
			}
			return w.Flush()
		},
	}
}
