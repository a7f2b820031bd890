package config

import (
	"net/url"
	"os"
	"strings"
	"time"

	"obmen/watch/ledger/postgres"
)

// Ledger is where the ledger lies: in the state folder, unless it has an address.
type Ledger struct {
	Address  string        // of a PostgreSQL server, without the password
	TakeOver time.Duration // another node takes over from one that is silent for so long
}

type ledgerSection struct {
	URL      string `toml:"url"`
	TakeOver string `toml:"takeover"`
}

// LedgerPasswordName is what `obmen secret set` calls the password of the ledger's server.
const LedgerPasswordName = "ledger-password"

// The names that the password is filed under among the secrets: no account can have the first.
const (
	ledgerOwner    = "ledger server"
	ledgerPassword = "password"
)

// ledgerPasswordEnv is the name of the password in the environment and among systemd's credentials.
const ledgerPasswordEnv = "OBMEN_LEDGER_PASSWORD"

func (c *checker) checkLedger(l *Ledger, s *ledgerSection) {
	add := c.problemsOf("ledger")
	l.TakeOver = postgres.DefaultTerm
	c.checkSpan(add, "takeover", s.TakeOver, &l.TakeOver, time.Second)
	if s.URL == "" {
		return
	}
	const example = `write url = "postgres://obmen@db.example.com/obmen?sslmode=verify-full"`
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || !postgres.IsAddress(s.URL): // the value may have a password
		add("url", "", "not the address of a PostgreSQL server", example)
	case hasPassword(u):
		add("url", "", "a password does not belong into this file", "take it out, and store it: obmen secret set ledger-password")
	case postgres.Check(s.URL) != nil:
		add("url", postgres.Place(s.URL), "not the address of a PostgreSQL server", example)
	}
	l.Address = s.URL
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// LedgerPassword finds the password of the ledger's server: in the environment, systemd's credentials or the secrets;
// empty when it has none.
func (c *Config) LedgerPassword() (string, error) {
	places := []func(string) (string, string, error){
		func(env string) (string, string, error) { return os.Getenv(env), env, nil },
		systemd,
	}
	for _, path := range c.secretFiles() {
		file, err := ReadSecrets(path)
		if err != nil {
			return "", err
		}
		places = append(places, func(string) (string, string, error) {
			return file[strings.ToLower(ledgerOwner)][ledgerPassword], path, nil
		})
	}
	value, _, err := firstOf(places, ledgerPasswordEnv)
	return value, err
}

// StoreLedgerPassword keeps the password of the ledger's server among the secrets.
func (c *Config) StoreLedgerPassword(password string, now time.Time, machine bool) error {
	return StoreSecrets(c.SecretsFile(), ledgerOwner, map[string]string{ledgerPassword: password}, now, machine)
}
