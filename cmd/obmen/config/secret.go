package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/fetch/spapi"
	"obmen/watch/drop"
)

// The names of an account's secrets: as they stand in the secrets file, and in capitals behind
// OBMEN_<ACCOUNT>_ in the environment and among systemd's credentials.
const (
	ClientID     = "client_id"
	ClientSecret = "client_secret"
	RefreshToken = "refresh_token"
)

// SecretNames lists them in the order in which people find them in Seller Central.
var SecretNames = []string{ClientID, ClientSecret, RefreshToken}

// SecretNamesOf lists the secrets of an account in the order to ask for them: Amazon's, or those of the source
// that it is pulled from.
func (c *Config) SecretNamesOf(account string) []string {
	if f, ok := c.FetchOf(account); ok && f.Pull != nil {
		if f.Pull.Source == nil {
			return nil
		}
		return f.Pull.Source.Pull.Secrets
	}
	return SecretNames
}

// SecretValues are secrets by their names. No format verb shows them.
type SecretValues map[string]string

// Format writes no value, whatever the verb.
func (SecretValues) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// MarshalText keeps the values out of JSON, too.
func (SecretValues) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Secrets are what Amazon gave the app of an account, or what a shop gave for its interface.
type Secrets struct {
	spapi.Credentials
	Values SecretValues
	From   map[string]string // where each was found, by its name, in words
	Since  time.Time         // when the client secret was stored first; zero when it is not known
}

// MissingError says that an account, or the bucket of the kept copies, has not all of its secrets.
type MissingError struct {
	Account string // empty: the bucket
	Names   []string
	Advice  string
}

func (e *MissingError) Error() string {
	if e.Account == "" {
		return fmt.Sprintf("the store of kept copies: %s not stored", strings.Join(e.Names, ", "))
	}
	return fmt.Sprintf("account %s: %s not stored", e.Account, strings.ReplaceAll(strings.Join(e.Names, ", "), "_", " "))
}

// Hint returns the next step, one line; empty when there is none.
func (e *MissingError) Hint() string { return e.Advice }

// SecretError is a place of secrets that cannot be used. It never tells what is in it.
type SecretError struct {
	Path   string
	Err    error
	Advice string
	again  bool // the secrets must be stored once more
}

func (e *SecretError) Error() string { return fmt.Sprintf("secrets in %s: %v", e.Path, e.Err) }

// Hint returns the next step, one line; empty when there is none.
func (e *SecretError) Hint() string { return e.Advice }

func (e *SecretError) Unwrap() error { return e.Err }

// EnvName is the name of a secret in the environment: OBMEN_AMAZON_EU_CLIENT_ID.
func EnvName(account, secret string) string {
	letters := func(r rune) rune {
		if r < 128 && (r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return r
		}
		return '_'
	}
	return "OBMEN_" + strings.Map(letters, strings.ToUpper(account)) + "_" + strings.ToUpper(secret)
}

// Secrets finds what is known of an account's secrets: in the environment, among systemd's credentials,
// in the secrets file of the state folder, in one beside obmen.toml; the first place that has one wins.
// A *MissingError names those that are nowhere, beside what was found.
func (c *Config) Secrets(account string) (Secrets, error) {
	s := Secrets{From: map[string]string{}, Values: SecretValues{}}
	outside := func(find func(env string) (value, from string, err error)) func(string) (string, string, error) {
		return func(name string) (string, string, error) {
			env := EnvName(account, name)
			value, from, err := find(env)
			if err == nil && value != "" {
				err = c.ownName(account, env, name)
			}
			return value, from, err
		}
	}
	places := []func(name string) (value, from string, err error){
		outside(func(env string) (string, string, error) { return os.Getenv(env), env, nil }),
		outside(systemd),
	}
	for _, path := range c.secretFiles() {
		file, err := ReadSecrets(path)
		if e, ok := errors.AsType[*SecretError](err); ok && e.again {
			e.Advice += ": " + c.Command("secret set", account)
		}
		if err != nil {
			return s, err
		}
		kept := file[strings.ToLower(account)]
		if s.Since.IsZero() && kept[ClientSecret] != "" {
			s.Since, _ = time.Parse(time.RFC3339, kept[since]) // without it nothing warns of its age
		}
		places = append(places, func(name string) (string, string, error) { return kept[name], path, nil })
	}
	var missing []string
	for _, name := range c.SecretNamesOf(account) {
		value, from, err := firstOf(places, name)
		if err != nil {
			return s, err
		}
		if value == "" {
			missing = append(missing, name)
			continue
		}
		s.From[name] = from
		s.Values[name] = value
	}
	f, _ := c.FetchOf(account)
	if f.Pull != nil {
		s.Since = time.Time{} // Amazon's secrets have an age
	} else {
		s.Credentials = spapi.Credentials{ClientID: s.Values[ClientID], ClientSecret: s.Values[ClientSecret], RefreshToken: s.Values[RefreshToken]}
	}
	if from := s.From[ClientSecret]; !slices.Contains(c.secretFiles(), from) {
		s.Since = time.Time{}
	}
	if !f.SecretSince.IsZero() {
		s.Since = f.SecretSince
	}
	if len(missing) > 0 {
		return s, &MissingError{account, missing, "store them with `" + c.Command("secret set", account) + "`, or set " + EnvName(account, missing[0]) + " in the environment"}
	}
	return s, nil
}

// ownName refuses a name outside that two accounts have: the orders of one seller would be fetched for the other.
func (c *Config) ownName(account, env, secret string) error {
	for _, f := range c.Fetch {
		if !strings.EqualFold(f.Account, account) && EnvName(f.Account, secret) == env {
			return &SecretError{
				Path: env, Err: fmt.Errorf("accounts %q and %q have the same name there", account, f.Account),
				Advice: "take it out and store the secrets with `" + c.Command("secret set", account) + "`, or give one of the accounts another name",
			}
		}
	}
	return nil
}

func firstOf(places []func(string) (string, string, error), name string) (value, from string, err error) {
	for _, place := range places {
		value, from, err := place(name)
		if value = strings.TrimSpace(value); err != nil || value != "" {
			return value, from, err
		}
	}
	return "", "", nil
}

// systemd reads a credential that LoadCredential= of the service's unit gives.
func systemd(name string) (value, from string, err error) {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return "", "", nil
	}
	path := filepath.Join(dir, name)
	text, err := drop.ReadSmall(path, mostSecrets)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", &SecretError{Path: path, Err: err, Advice: "look at LoadCredential= in the service's unit"}
	}
	return string(text), path, nil
}

// SecretsFile is where `obmen secret set` keeps secrets.
func (c *Config) SecretsFile() string { return filepath.Join(c.Folders.State, secretsName) }

func (c *Config) secretFiles() []string {
	list := []string{c.SecretsFile()}
	if beside := filepath.Join(filepath.Dir(c.Path), secretsName); beside != list[0] {
		list = append(list, beside)
	}
	return list
}
