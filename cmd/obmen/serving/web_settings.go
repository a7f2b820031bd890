package serving

import (
	"bytes"
	"context"
	"os"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/web"
)

// settingsOfPage returns the part of the settings that the page shows. The file is read each time, so that the page
// shows what counts at the next start.
func settingsOfPage(cfg *config.Config, inForce string) web.Settings {
	s := web.Settings{File: cfg.Path, Layouts: cfg.Layouts, Text: settingsText(cfg)}
	s.Changed = s.Text != inForce
	for _, a := range cfg.Options.Accounts {
		row := web.AccountRow{Name: a.Name, Marketplaces: a.Marketplaces}
		if _, row.Fetched = cfg.FetchOf(a.Name); row.Fetched {
			row.Secrets, row.Missing = cfg.SecretNamesOf(a.Name), setup.SecretStatusOf(cfg, a.Name, time.Now()).Missing
		}
		s.Accounts = append(s.Accounts, row)
	}
	return s
}

// settingsText returns the text of the settings as it is now; empty while it cannot be read.
func settingsText(cfg *config.Config) string {
	text, err := os.ReadFile(cfg.Path)
	if err != nil {
		return ""
	}
	return string(text)
}

// usersOfPage are who may log in.
func usersOfPage(cfg *config.Config) (list []web.UserRow) {
	users, _ := cfg.WebUsers() // what cannot be read lets no one in, which the watcher says
	for _, u := range users {
		list = append(list, web.UserRow{Name: u.Name, Role: u.Role.String()})
	}
	return list
}

// checkFetchOfPage returns the text that fetch --check prints.
func checkFetchOfPage(ctx context.Context, cfg *config.Config, account, language string) string {
	var out bytes.Buffer
	s := ui.Streams{Out: &out, Err: &out}.Safe(language)
	if err := fetching.Run(ctx, fetching.Options{Config: cfg.Path, Accounts: []string{account}, Check: true}, s); err != nil {
		s.PrintError(err)
	}
	return out.String()
}
