// Package secrets stores what Amazon or a shop gave an account, and reports whether it is there; values are never
// shown.
package secrets

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

// Command is obmen secret.
func Command(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "secret",
		Usage: "store what Amazon or a shop gave an account, and look whether it is there",
		Subcommands: []*cli.Command{
			{
				Name:      "set",
				Usage:     "store the secrets of an account: of Amazon client id, client secret and refresh token; nothing is shown",
				ArgsUsage: "ACCOUNT",
				Description: "Asks for them one after another, or reads them from the standard input, a line each. An empty line\n" +
					"keeps what is stored: so a new client secret is stored alone. As ACCOUNT, ledger-password is the password of the\n" +
					"server in url of [ledger], and store-key the access key and the secret of the bucket in url of [store].",
				Flags: []cli.Flag{
					setup.ConfigFlag(),
					&cli.BoolFlag{Name: "machine", Usage: "Windows: let a service under another account use them"},
				},
				Action: func(c *cli.Context) error {
					if c.NArg() != 1 {
						return ui.Usage(config.Command(c.Path("config"), "secret set", anAccount(c.Path("config"))), "name one account of obmen.toml")
					}
					return RunSet(c.Context, c.Path("config"), c.Args().First(), c.Bool("machine"), s)
				},
			},
			{
				Name:      "check",
				Usage:     "say for each account which secrets are stored and where; their values are never shown",
				ArgsUsage: "[ACCOUNT…]",
				Flags:     []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()},
				Action: func(c *cli.Context) error {
					return RunCheck(c.Path("config"), c.Args().Slice(), c.Bool("json"), s)
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

// RunSet asks for the secrets of an account and stores them.
func RunSet(ctx context.Context, path, name string, machine bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	if name == config.LedgerPasswordName {
		return setLedgerPassword(ctx, cfg, machine, s)
	}
	if name == config.StoreKeyName {
		return setStoreKey(ctx, cfg, machine, s)
	}
	account, err := setup.FetchedAccount(cfg, name)
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
		if err = setup.MarkSecretErrors(err); ui.HintOf(err) == "" {
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

// setLedgerPassword asks for the password of the ledger's server and stores it.
func setLedgerPassword(ctx context.Context, cfg *config.Config, machine bool, s ui.Streams) error {
	values, err := askSecrets(ctx, []string{"password"}, s)
	if err != nil {
		return err
	}
	if values["password"] == "" {
		return ui.WithHint(errors.New("nothing was given, and nothing is changed"), "give the password of the user in url of [ledger]")
	}
	if err := cfg.StoreLedgerPassword(values["password"], time.Now(), machine); err != nil {
		return setup.MarkSecretErrors(err)
	}
	s.PrintPhrase(s.Err, "stored in %s, readable by its owner only\n", cfg.SecretsFile())
	s.PrintPhrase(s.Err, "next: %s\n", cfg.Command("check"))
	return nil
}

// setStoreKey asks for the access key of the bucket and its secret, and stores them.
func setStoreKey(ctx context.Context, cfg *config.Config, machine bool, s ui.Streams) error {
	values, err := askSecrets(ctx, config.StoreSecretNames, s)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return ui.WithHint(errors.New("nothing was given, and nothing is changed"), "give the access key and its secret, a line each")
	}
	if err := cfg.KeepStoreSecrets(values, time.Now(), machine); err != nil {
		return setup.MarkSecretErrors(err)
	}
	_, from, err := cfg.StoreSecrets()
	for _, name := range config.StoreSecretNames {
		if env := config.StoreEnvName(name); values[name] != "" && from[name] == env {
			s.PrintProblem(env+" is set in the environment and wins over what is stored now", "take it out of the environment of obmen")
		}
	}
	s.PrintPhrase(s.Err, "stored in %s, readable by its owner only\n", cfg.SecretsFile())
	next := cfg.Command("check")
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		s.PrintProblem(missing.Error(), "an empty line keeps what is stored; give the others")
		next = cfg.Command("secret set", config.StoreKeyName)
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
		text, err := Ask(ctx, s, lines, strings.ReplaceAll(name, "_", " "))
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if text = strings.TrimSpace(text); text != "" {
			values[name] = text
		}
	}
	return values, nil
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

// jsonSecrets is what secret check prints with --json.
type jsonSecrets struct {
	Accounts []setup.SecretStatus `json:"accounts"`
	Store    *setup.SecretStatus  `json:"store,omitempty"` // the bucket of the kept copies, if there is one
}

// RunCheck prints which secrets of accounts are stored, and where.
func RunCheck(path string, names []string, json bool, s ui.Streams) error {
	cfg, err := setup.LoadSettings(path)
	if err != nil {
		return err
	}
	list, bad := jsonSecrets{Accounts: []setup.SecretStatus{}}, false
	if cfg.Store.Bucket != nil && len(names) == 0 {
		list.Store = storeStatus(cfg)
		bad = list.Store.Problem != ""
	}
	var accounts []config.Fetch
	if list.Store == nil || len(cfg.Fetch) > 0 {
		if accounts, err = setup.FetchedAccounts(cfg, names); err != nil {
			return err
		}
	}
	for _, a := range accounts {
		j := setup.SecretStatusOf(cfg, a.Account, time.Now())
		bad = bad || j.Problem != "" && j.Problem != j.Aged()
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

// storeStatus looks which secrets of the bucket are stored, and where.
func storeStatus(cfg *config.Config) *setup.SecretStatus {
	_, from, err := cfg.StoreSecrets()
	j := &setup.SecretStatus{Account: config.StoreKeyName, From: from, Missing: []string{}}
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		j.Missing = missing.Names
	}
	if err != nil {
		j.Problem, j.Hint = err.Error(), ui.HintOf(setup.MarkSecretErrors(err))
	}
	return j
}

func (l jsonSecrets) text(s ui.Streams) {
	list := l.Accounts
	if l.Store != nil {
		list = append(list, *l.Store)
	}
	for i := range list {
		j := &list[i]
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
