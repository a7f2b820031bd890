package converting

import (
	"fmt"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/layout/tmpl"
)

// FieldsCommand is obmen fields.
func FieldsCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:        "fields",
		Usage:       "list the fields and functions that a layout template may use",
		Description: "Each field with its type, meaning, an example and its Russian name; then each function with its meaning.",
		Flags:       []cli.Flag{setup.JSONFlag()},
		Action: func(c *cli.Context) error {
			if err := setup.NoArguments(c, "obmen fields"); err != nil {
				return err
			}
			if c.Bool("json") {
				return ui.PrintJSON(s.Out, fieldsAsJSON())
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

// The object that fields --json prints.
type (
	jsonFields struct {
		Fields    []jsonField    `json:"fields"`
		Functions []jsonFunction `json:"functions"`
	}
	jsonField struct {
		Path    string `json:"path"`
		Type    string `json:"type"`
		Meaning string `json:"meaning"`
		Example string `json:"example"`
		Russian string `json:"russian"`
	}
	jsonFunction struct {
		Usage   string `json:"usage"`
		Meaning string `json:"meaning"`
	}
)

func fieldsAsJSON() (all jsonFields) {
	for _, f := range tmpl.Fields() {
		all.Fields = append(all.Fields, jsonField{f.Path(), fmt.Sprint(f.Type), f.Meaning, f.Example, f.Russian})
	}
	for _, f := range tmpl.Functions() {
		all.Functions = append(all.Functions, jsonFunction{f.Usage, f.Meaning})
	}
	return all
}
