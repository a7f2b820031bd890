// Package secrets stores what Amazon or a shop gave an account, and reports whether it is there; values are never
// shown.
package secrets

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
)

// Ask reads one value, from a terminal without showing it.
func Ask(ctx context.Context, s ui.Streams, lines *bufio.Reader, what string) (string, error) {
	if !ui.TerminalIn(s.In) {
		return lines.ReadString('\n')
	}
	s.PrintPhrase(s.Err, "%s (not shown; empty keeps what is stored): ", what)
	text, err := ui.ReadHidden(ctx, s.In)
	fmt.Fprintln(s.Err)
	return text, err
}

// StatusOf looks which secrets of an account are stored, and where.
func StatusOf(cfg *config.Config, account string, now time.Time) Status {
	found, err := cfg.Secrets(account)
	j := Status{Account: account, From: found.From, Missing: []string{}}
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		j.Missing = missing.Names
	}
	if !found.Since.IsZero() {
		j.AgeDays = int(now.Sub(found.Since).Hours() / 24)
	}
	if err != nil {
		j.Problem, j.Hint = err.Error(), ui.HintOf(InSettings(err))
	} else if found.Since.After(now) {
		j.Problem, j.Hint = fmt.Sprintf("the client secret of account %s was made on %s, which lies ahead", account, found.Since.Format(time.DateOnly)), "correct secret_since in "+cfg.Path
	} else if j.Problem = j.Aged(); j.Problem != "" {
		j.Hint = "make a new one in Seller Central, Develop Apps, LWA credentials, and store it with `" + cfg.Command("secret set", account) + "`"
	}
	return j
}

// Amazon takes a client secret for 180 days. A month is enough to make another.
const (
	LifeDays = 180
	WarnDays = 150
)

// Aged warns of a client secret that Amazon will soon refuse; empty while there is time.
func (j *Status) Aged() string {
	if j.AgeDays < WarnDays {
		return ""
	}
	return fmt.Sprintf("the client secret of account %s is %d days old; Amazon refuses it when it is %d", j.Account, j.AgeDays, LifeDays)
}

// InSettings marks errors of secrets that are missing or cannot be read as mistakes of the settings.
func InSettings(err error) error {
	if _, ok := errors.AsType[*config.MissingError](err); ok {
		return ui.InSettings(err)
	}
	if _, ok := errors.AsType[*config.SecretError](err); ok {
		return ui.InSettings(err)
	}
	return err
}
