package setup

import (
	"errors"
	"fmt"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
)

// SecretStatus is how the secrets of an account stand; secret check prints it with --json.
type SecretStatus struct {
	Account string            `json:"account"`
	From    map[string]string `json:"from"` // where each secret was found
	Missing []string          `json:"missing"`
	AgeDays int               `json:"age_days,omitempty"` // of the client secret, if known
	Problem string            `json:"problem,omitempty"`
	Hint    string            `json:"hint,omitempty"`
}

// SecretStatusOf looks which secrets of an account are stored, and where.
func SecretStatusOf(cfg *config.Config, account string, now time.Time) SecretStatus {
	found, err := cfg.Secrets(account)
	j := SecretStatus{Account: account, From: found.From, Missing: []string{}}
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		j.Missing = missing.Names
	}
	if !found.Since.IsZero() {
		j.AgeDays = int(now.Sub(found.Since).Hours() / 24)
	}
	if err != nil {
		j.Problem, j.Hint = err.Error(), ui.HintOf(MarkSecretErrors(err))
	} else if found.Since.After(now) {
		j.Problem, j.Hint = fmt.Sprintf("the client secret of account %s was made on %s, which lies ahead", account, found.Since.Format(time.DateOnly)), "correct secret_since in "+cfg.Path
	} else if j.Problem = j.Aged(); j.Problem != "" {
		j.Hint = "make a new one in Seller Central, Develop Apps, LWA credentials, and store it with `" + cfg.Command("secret set", account) + "`"
	}
	return j
}

// Amazon takes a client secret for 180 days. A month is enough to make another.
const (
	SecretLifeDays = 180
	SecretWarnDays = 150
)

// Aged warns of a client secret that Amazon will soon refuse; empty while there is time.
func (j *SecretStatus) Aged() string {
	if j.AgeDays < SecretWarnDays {
		return ""
	}
	return fmt.Sprintf("the client secret of account %s is %d days old; Amazon refuses it when it is %d", j.Account, j.AgeDays, SecretLifeDays)
}

// MarkSecretErrors marks errors of secrets that are missing or cannot be read as mistakes of the settings.
func MarkSecretErrors(err error) error {
	if _, ok := errors.AsType[*config.MissingError](err); ok {
		return ui.InSettings(err)
	}
	if _, ok := errors.AsType[*config.SecretError](err); ok {
		return ui.InSettings(err)
	}
	return err
}
