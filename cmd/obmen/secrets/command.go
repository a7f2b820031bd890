package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
)

func secretCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "secret",
		Usage: "store what Amazon or a shop gave an account, and look whether it is there",
		Subcommands: []*cli.Command{
			{
				Name:      "set",
				Usage:     "store the secrets of an account: of Amazon client id, client secret and refresh token; nothing is shown",
				ArgsUsage: "ACCOUNT",
				Description: "Asks for them one after another, or reads them from the standard input, a line each. An empty line\n" +
					"keeps what is stored: so a new client secret is stored alone.",
				Flags: []cli.Flag{
					setup.ConfigFlag(),
					&cli.BoolFlag{Name: "machine", Usage: "Windows: let a service under another account use them"},
				},
				Action: func(c *cli.Context) error {
					if c.NArg() != 1 {
						return ui.Usage(config.Command(c.Path("config"), "secret set", anAccount(c.Path("config"))), "name one account of obmen.toml")
					}
					return runSecretSet(c.Context, c.Path("config"), c.Args().First(), c.Bool("machine"), s)
				},
			},
			{
				Name:      "check",
				Usage:     "say for each account which secrets are stored and where; their values are never shown",
				ArgsUsage: "[ACCOUNT…]",
				Flags:     []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
				Action: func(c *cli.Context) error {
					return runSecretCheck(c.Path("config"), c.Args().Slice(), c.Bool("json"), s)
				},
			},
		},
		Action: func(c *cli.Context) error {
			return ui.Usage("obmen secret set ACCOUNT, or obmen secret check", "say what to do with the secrets")
		},
	}
}

// anAccount is the name of an account for an example.
func anAccount(path string) string {
	if cfg, err := config.Load(path); err == nil && len(cfg.Fetch) > 0 {
		return cfg.Fetch[0].Account
	}
	return "amazon-eu"
}

// fetchedAccount finds an account that is fetched.
func fetchedAccount(cfg *config.Config, name string) (config.Fetch, error) {
	if f, ok := cfg.FetchOf(name); ok {
		return f, nil
	}
	var known []string
	for _, f := range cfg.Fetch {
		known = append(known, f.Account)
	}
	err := fmt.Errorf("account %q: no [[account]] of this name has a region, or a source to pull by", name)
	if len(known) == 0 {
		return config.Fetch{}, ui.InSettings(ui.WithHint(err, `add region = "eu" (or "na", "fe") to an [[account]] of `+cfg.Path+" to fetch its orders from Amazon, or pull = … for a shop"))
	}
	return config.Fetch{}, ui.InSettings(ui.WithHint(err, "accounts that are fetched: "+strings.Join(known, ", ")))
}

func runSecretSet(ctx context.Context, path, name string, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	account, err := fetchedAccount(cfg, name)
	if err != nil {
		return err
	}
	names := cfg.SecretNamesOf(account.Account)
	values, err := askSecrets(ctx, names, s)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return ui.WithHint(errors.New("nothing was given, and nothing is changed"), "give "+secretWords(names)+", a line each")
	}
	if err := config.StoreSecrets(cfg.SecretsFile(), account.Account, values, time.Now(), machine); err != nil {
		if err = inSettingsOfSecrets(err); ui.HintOf(err) == "" {
			err = ui.WithHint(err, "nothing is changed; look at the space and the rights of "+filepath.Dir(cfg.SecretsFile()))
		}
		return err
	}
	for _, env := range shadowed(cfg, account.Account, values) {
		s.PrintProblem(env+" is set in the environment and wins over what is stored now", "take it out of the environment of obmen")
	}
	next := cfg.Command("fetch", "--account", account.Account, "--check")
	s.PrintPhrase(s.Err, "stored for account %s in %s, readable by its owner only\n", account.Account, cfg.SecretsFile())
	_, err = cfg.Secrets(account.Account)
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		s.PrintProblem(missing.Error(), "an empty line keeps what is stored; give the others")
		next = cfg.Command("secret set", account.Account)
	}
	s.PrintPhrase(s.Err, "next: %s\n", next)
	return nil
}

// secretWords are the names of secrets as a person reads them: "client id, client secret and refresh token".
func secretWords(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	text := strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	return strings.ReplaceAll(strings.TrimPrefix(text, " and "), "_", " ")
}

// askSecrets reads the values, without showing them.
func askSecrets(ctx context.Context, names []string, s ui.Streams) (map[string]string, error) {
	values, lines := map[string]string{}, bufio.NewReader(s.In)
	for _, name := range names {
		text, err := askSecret(ctx, s, lines, strings.ReplaceAll(name, "_", " "))
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if text = strings.TrimSpace(text); text != "" {
			values[name] = text
		}
	}
	return values, nil
}

func askSecret(ctx context.Context, s ui.Streams, lines *bufio.Reader, what string) (string, error) {
	if !ui.TerminalIn(s.In) {
		return lines.ReadString('\n')
	}
	s.PrintPhrase(s.Err, "%s (not shown; empty keeps what is stored): ", what)
	text, err := ui.ReadHidden(ctx, s.In)
	fmt.Fprintln(s.Err)
	return text, err
}

// shadowed are the names in the environment that would be taken instead of what was stored.
func shadowed(cfg *config.Config, account string, values map[string]string) (list []string) {
	found, _ := cfg.Secrets(account) // what is missing is told elsewhere
	for _, name := range cfg.SecretNamesOf(account) {
		if env := config.EnvName(account, name); values[name] != "" && found.From[name] == env {
			list = append(list, env)
		}
	}
	return list
}

// The objects that secret check prints with --json.
type (
	jsonSecrets struct {
		Accounts []jsonSecret `json:"accounts"`
	}
	jsonSecret struct {
		Account string            `json:"account"`
		From    map[string]string `json:"from"` // where each secret was found
		Missing []string          `json:"missing"`
		AgeDays int               `json:"age_days,omitempty"` // of the client secret, if known
		Problem string            `json:"problem,omitempty"`
		Hint    string            `json:"hint,omitempty"`
	}
)

func runSecretCheck(path string, names []string, json bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	accounts, err := chosen(cfg, names)
	if err != nil {
		return err
	}
	list, bad := jsonSecrets{[]jsonSecret{}}, false
	for _, a := range accounts {
		j := secretOf(cfg, a.Account, time.Now())
		bad = bad || j.Problem != "" && j.Problem != j.aged()
		list.Accounts = append(list.Accounts, j)
	}
	if json {
		err = ui.PrintJSON(s.Out, list)
	} else {
		list.text(s)
	}
	if err == nil && bad {
		err = ui.InSettings(ui.WithHint(errors.New("some secrets are missing or cannot be used"), "see the lines above"))
	}
	return err
}

// chosen are the accounts of those names, or all that are fetched.
func chosen(cfg *config.Config, names []string) (list []config.Fetch, err error) {
	if len(names) == 0 {
		if len(cfg.Fetch) == 0 {
			return nil, ui.InSettings(ui.WithHint(errors.New("no account is fetched"), `add region = "eu" (or "na", "fe") to an [[account]] of `+cfg.Path))
		}
		return cfg.Fetch, nil
	}
	for _, name := range names {
		a, err := fetchedAccount(cfg, name)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func secretOf(cfg *config.Config, account string, now time.Time) jsonSecret {
	found, err := cfg.Secrets(account)
	j := jsonSecret{Account: account, From: found.From, Missing: []string{}}
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		j.Missing = missing.Names
	}
	if !found.Since.IsZero() {
		j.AgeDays = int(now.Sub(found.Since).Hours() / 24)
	}
	if err != nil {
		j.Problem, j.Hint = err.Error(), ui.HintOf(inSettingsOfSecrets(err))
	} else if found.Since.After(now) {
		j.Problem, j.Hint = fmt.Sprintf("the client secret of account %s was made on %s, which lies ahead", account, found.Since.Format(time.DateOnly)), "correct secret_since in "+cfg.Path
	} else if j.Problem = j.aged(); j.Problem != "" {
		j.Hint = "make a new one in Seller Central, Develop Apps, LWA credentials, and store it with `" + cfg.Command("secret set", account) + "`"
	}
	return j
}

// Amazon takes a client secret for 180 days. A month is enough to make another.
const (
	secretLife = 180
	secretWarn = 150
)

// aged warns of a client secret that Amazon will soon refuse; empty while there is time.
func (j *jsonSecret) aged() string {
	if j.AgeDays < secretWarn {
		return ""
	}
	return fmt.Sprintf("the client secret of account %s is %d days old; Amazon refuses it when it is %d", j.Account, j.AgeDays, secretLife)
}

func (l jsonSecrets) text(s ui.Streams) {
	for i := range l.Accounts {
		j := &l.Accounts[i]
		for _, name := range slices.Sorted(maps.Keys(j.From)) {
			if from := j.From[name]; from != "" {
				fmt.Fprintf(s.Out, "%s: %s from %s\n", j.Account, strings.ReplaceAll(name, "_", " "), from)
			}
		}
		if j.Problem != "" {
			s.WriteProblem(s.Out, j.Problem, j.Hint)
		}
	}
}

// toldSecret gives an error of the secrets its next step.
func inSettingsOfSecrets(err error) error {
	if _, ok := errors.AsType[*config.MissingError](err); ok {
		return ui.InSettings(err)
	}
	if _, ok := errors.AsType[*config.SecretError](err); ok {
		return ui.InSettings(err)
	}
	return err
}
