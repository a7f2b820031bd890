package config

import (
	"errors"
	"os"
	"strings"
	"time"

	"obmen/watch/store/bucket"
)

// Store is where kept copies lie: in the state folder, unless it has a bucket.
type Store struct {
	Bucket *bucket.Address // of a server of S3; nil for none
}

type storeSection struct {
	URL string `toml:"url"`
}

// StoreKeyName is what `obmen secret set` calls the access key of the bucket and its secret.
const StoreKeyName = "store-key"

// The names of the access key and its secret among the secrets; no account can have the first.
const (
	storeOwner  = "store server"
	StoreKey    = "key"
	StoreSecret = "secret"
)

// StoreSecretNames lists them in the order to ask for them.
var StoreSecretNames = []string{StoreKey, StoreSecret}

// StoreEnvName is the name of one of them in the environment and among systemd's credentials: OBMEN_STORE_KEY,
// OBMEN_STORE_SECRET.
func StoreEnvName(name string) string { return "OBMEN_STORE_" + strings.ToUpper(name) }

func (c *checker) checkStore(cfg *Config, s *storeSection) {
	if s.URL == "" {
		return
	}
	add := c.problemsOf("store")
	address, err := bucket.ParseAddress(s.URL)
	if wrong, ok := errors.AsType[*bucket.AddressError](err); ok {
		add("url", "", wrong.Text, wrong.Advice) // the value may have a secret
		return
	}
	if !address.IsPrivate() && len(cfg.Encryption.To) == 0 {
		add("url", address.String(), "buyers' data would travel in the clear", "write endpoint=https://…, or encrypt what is kept: encrypt_to in [watch]; plain http is for this computer alone (127.0.0.1)")
	}
	cfg.Store.Bucket = &address
}

// StoreSecrets finds the access key of the bucket and its secret: in the environment, systemd's credentials or the
// secrets. from names the place of each. A *MissingError names those that are nowhere.
func (c *Config) StoreSecrets() (values SecretValues, from map[string]string, err error) {
	values, from = SecretValues{}, map[string]string{}
	places := []func(string) (string, string, error){
		func(name string) (string, string, error) {
			env := StoreEnvName(name)
			return os.Getenv(env), env, nil
		},
		func(name string) (string, string, error) { return systemd(StoreEnvName(name)) },
	}
	for _, path := range c.secretFiles() {
		file, err := ReadSecrets(path)
		if err != nil {
			return nil, nil, err
		}
		places = append(places, func(name string) (string, string, error) { return file[storeOwner][name], path, nil })
	}
	var missing []string
	for _, name := range StoreSecretNames {
		value, place, err := firstOf(places, name)
		if err != nil {
			return nil, nil, err
		}
		if value == "" {
			missing = append(missing, name)
			continue
		}
		values[name], from[name] = value, place
	}
	if len(missing) > 0 {
		err = &MissingError{Names: missing, Advice: "store them with `" + c.Command("secret set", StoreKeyName) + "`, or set " + StoreEnvName(missing[0]) + " in the environment"}
	}
	return values, from, err
}

// KeepStoreSecrets keeps those that are given among the secrets.
func (c *Config) KeepStoreSecrets(values map[string]string, now time.Time, machine bool) error {
	return StoreSecrets(c.SecretsFile(), storeOwner, values, now, machine)
}
