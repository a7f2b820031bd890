package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/journal"
	"obmen/cmd/obmen/ui"
	"obmen/convert"
)

// completeValue prints the values that an option can have, when a shell asks behind that option. It reports
// whether it did.
func completeValue(app *cli.App, args []string, s ui.Streams) bool {
	n := len(args)
	if n < 3 || args[n-1] != completionFlag || !strings.HasPrefix(args[n-2], "--") {
		return false
	}
	path := readLine(app, args[1:n-2]).path
	if len(path) == 0 || !takesValue(path[len(path)-1], args[n-2]) {
		return false
	}
	values := valuesOf(strings.TrimLeft(args[n-2], "-"), settingsNamed(args))
	for _, value := range values {
		fmt.Fprintln(s.Out, value)
	}
	return len(values) > 0
}

// settingsNamed is the file behind --config on a command line; empty when there is none.
func settingsNamed(args []string) string {
	if i := slices.Index(args, "--config"); i >= 0 && i+2 < len(args) {
		return args[i+1]
	}
	return config.DefaultPath()
}

// valuesOf are the values of an option that are known from the settings or from the program.
func valuesOf(option, path string) (values []string) {
	switch option {
	case "state":
		return fileStates
	case "log-format":
		return []string{journal.Text, journal.JSON}
	case "code":
		for _, code := range convert.Codes() {
			values = append(values, string(code))
		}
		return values
	}
	cfg, err := config.Load(path)
	if err != nil {
		return nil
	}
	switch option {
	case "account":
		for i := range cfg.Options.Accounts {
			values = append(values, cfg.Options.Accounts[i].Name)
		}
	case "route":
		values = routeNames(cfg.Routes())
	case "layout":
		values = converting.TemplateNames(cfg)
	}
	return values
}
