package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

const fetchedToml = "[[account]]\nname = \"Amazon EU-1\"\nregion = \"eu\"\n"

func secretsOf(t *testing.T, text string) *Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o777); err != nil {
		t.Fatal(err)
	}
	cfg, err := parseFile(filepath.Join(dir, "obmen.toml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Each secret comes from the first place that has it: the environment, systemd's credentials, the file in
// the state folder, the file beside obmen.toml.
func TestWhereSecretsComeFrom(t *testing.T) {
	cfg, now := secretsOf(t, fetchedToml), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	beside := filepath.Join(filepath.Dir(cfg.Path), secretsName)
	credentials := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	var missing *MissingError
	if _, err := cfg.Secrets("Amazon EU-1"); !errors.As(err, &missing) || !slices.Equal(missing.Names, SecretNames) {
		t.Fatalf("%v", err)
	}
	all := func(value string) map[string]string {
		return map[string]string{ClientID: value, ClientSecret: value, RefreshToken: value}
	}
	expect := func(want ...string) {
		t.Helper()
		s, err := cfg.Secrets("amazon eu-1")
		if got := []string{s.ClientID, s.ClientSecret, s.RefreshToken}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"beside", func() error { return StoreSecrets(beside, "amazon eu-1", all("beside"), now, false) }, []string{"beside", "beside", "beside"}},
		{"state", func() error {
			return StoreSecrets(cfg.SecretsFile(), "Amazon EU-1", map[string]string{ClientID: "state", ClientSecret: "state"}, now, false)
		}, []string{"state", "state", "beside"}},
		{"systemd", func() error {
			return os.WriteFile(filepath.Join(credentials, "OBMEN_AMAZON_EU_1_CLIENT_SECRET"), []byte("systemd\n"), 0o600)
		}, []string{"state", "systemd", "beside"}},
		{"environment", func() error { t.Setenv("OBMEN_AMAZON_EU_1_CLIENT_ID", "environment"); return nil }, []string{"environment", "systemd", "beside"}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		expect(step.want...)
	}
}

// The age of the client secret is known when it was stored by obmen or is set; storing the same again
// does not make it younger, nor does another refresh token.
func TestSecretAge(t *testing.T) {
	cfg := secretsOf(t, fetchedToml)
	first, later := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	store := func(values map[string]string, now time.Time) {
		t.Helper()
		if err := StoreSecrets(cfg.SecretsFile(), "Amazon EU-1", values, now, false); err != nil {
			t.Fatal(err)
		}
	}
	since := func(cfg *Config) time.Time {
		t.Helper()
		s, err := cfg.Secrets("Amazon EU-1")
		if err != nil {
			t.Fatal(err)
		}
		return s.Since
	}
	store(map[string]string{ClientID: "a", ClientSecret: "b", RefreshToken: "c"}, first)
	store(map[string]string{ClientSecret: "b", RefreshToken: "d"}, later)
	if got := since(cfg); !got.Equal(first) {
		t.Errorf("since %s, want %s", got, first)
	}
	store(map[string]string{ClientSecret: "new"}, later)
	if got := since(cfg); !got.Equal(later) {
		t.Errorf("since %s, want %s", got, later)
	}
	t.Setenv("OBMEN_AMAZON_EU_1_CLIENT_SECRET", "other")
	if got := since(cfg); !got.IsZero() {
		t.Errorf("since %s, and nobody knows", got)
	}
}

// A file that others may read, or that is none of obmen's, is refused without a word of what is in it.
func TestRefusedSecrets(t *testing.T) {
	cfg := secretsOf(t, fetchedToml)
	for name, mode := range map[string]os.FileMode{"broken": 0o600, "open": 0o644} {
		if runtime.GOOS == "windows" && name == "open" {
			continue
		}
		path := cfg.SecretsFile()
		if err := os.WriteFile(path, []byte(`{"hush": "hush"`), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		var refused *SecretError
		if _, err := cfg.Secrets("Amazon EU-1"); !errors.As(err, &refused) || refused.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two accounts whose names are one in the environment never share a secret: one seller's orders would be fetched
// for the other. Secrets that are stored are told apart.
func TestNamesThatAreOneInTheEnvironment(t *testing.T) {
	cfg := secretsOf(t, "[[account]]\nname = \"Амазон\"\nregion = \"eu\"\nmarketplaces = [\"DE\"]\n[[account]]\nname = \"Европа\"\nregion = \"eu\"\nmarketplaces = [\"FR\"]\n")
	for _, name := range []string{"Амазон", "Европа"} {
		if err := StoreSecrets(cfg.SecretsFile(), name, map[string]string{ClientID: name, ClientSecret: name, RefreshToken: name}, time.Now(), false); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := cfg.Secrets("Европа"); err != nil || s.ClientID != "Европа" {
		t.Errorf("%q, %v", s.From, err)
	}
	t.Setenv(EnvName("Амазон", RefreshToken), "whose?")
	for _, name := range []string{"Амазон", "Европа"} {
		var refused *SecretError
		if _, err := cfg.Secrets(name); !errors.As(err, &refused) || refused.Advice == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Two accounts that would share a folder of the state are refused.
func TestNamesThatAreOneInFiles(t *testing.T) {
	for second, refused := range map[string]bool{"a b": true, "A?B": true, "a_b": false} {
		_, err := parseFile("obmen.toml", []byte("[[account]]\nname = \"a-b\"\nregion = \"eu\"\nmarketplaces = [\"DE\"]\n[[account]]\nname = \""+second+"\"\nregion = \"eu\"\nmarketplaces = [\"FR\"]\n"))
		var problems Problems
		if errors.As(err, &problems) != refused {
			t.Errorf("%q: %v", second, err)
		}
	}
}

// The key of the bucket and its secret come from the first place that has each: the environment, systemd's
// credentials, the secrets.
func TestWhereStoreSecretsComeFrom(t *testing.T) {
	cfg, credentials := secretsOf(t, "[store]\nurl = \"s3://kept?region=eu-central-1\"\n"), t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", credentials)
	expect := func(key, secret string, missing ...string) {
		t.Helper()
		values, from, err := cfg.StoreSecrets()
		var lacks *MissingError
		if errors.As(err, &lacks) != (len(missing) > 0) || lacks != nil && (!slices.Equal(lacks.Names, missing) || lacks.Advice == "") {
			t.Errorf("%v", err)
		}
		if values[StoreKey] != key || values[StoreSecret] != secret || len(from) != 2-len(missing) {
			t.Errorf("from %q, want %q and %q", from, key, secret)
		}
	}
	expect("", "", StoreKey, StoreSecret)
	if err := cfg.KeepStoreSecrets(map[string]string{StoreKey: "a", StoreSecret: "b"}, time.Now(), false); err != nil {
		t.Fatal(err)
	}
	expect("a", "b")
	if err := os.WriteFile(filepath.Join(credentials, "OBMEN_STORE_SECRET"), []byte("systemd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect("a", "systemd")
	t.Setenv("OBMEN_STORE_SECRET", "environment")
	expect("a", "environment")
}
