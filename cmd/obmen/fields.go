package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/convert/layout/tmpl"
)

func fieldsCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:        "fields",
		Usage:       "list the fields and functions that a layout template may use",
		Description: "Each field with its type, meaning, an example and its Russian name; then each function with its meaning.",
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "obmen fields"); err != nil {
				return err
			}
			w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
			for _, f := range tmpl.Fields() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Path(), f.Type, f.Meaning, f.Example, f.Russian)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			fmt.Fprintln(w)
			for _, f := range tmpl.Functions() {
				fmt.Fprintf(w, "%s\t%s\n", f.Usage, f.Meaning)
			}
			return w.Flush()
		},
	}
}
