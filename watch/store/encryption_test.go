package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"filippo.io/age"
)

// newKey makes a public key and the path of its identity file.
func newKey(t *testing.T) (public, path string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "obmen.key")
	if err := os.WriteFile(path, []byte("# made for a test\n"+key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return key.Recipient().String(), path
}

func TestKeysAreProvenAtTheStart(t *testing.T) {
	public, path := newKey(t)
	other, _ := newKey(t)
	secret, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "some.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cut := string(secret[:len(secret)-5])
	word := strings.Fields(string(secret))
	key := word[len(word)-1]
	for _, c := range []struct{ name, to, identity, want string }{
		{"missing", public, path + ".none", "there is no such identity file"},
		{"not a key", public, file("hello", 0o600), "not an identity file of age"},
		{"a damaged key", public, file(cut, 0o600), "not an identity file of age"},
		{"a folder", public, t.TempDir(), "not a regular file"},
		{"another key", other, path, "reads nothing that is encrypted"},
		{"a bad recipient", "age1x", path, "not a public key"},
		{"the secret key as recipient", key, path, "not a public key"},
		{"readable by others", public, file(string(secret), 0o644), "others may read"},
		{"readable by the group", public, file(string(secret), 0o640), "others may read"},
	} {
		if runtime.GOOS == "windows" && strings.HasPrefix(c.name, "readable") {
			continue
		}
		_, err := NewEncryption([]string{c.to}, c.identity)
		var refused *KeyError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || refused.Advice == "" {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
			continue
		}
		if all := err.Error() + refused.Advice; strings.Contains(all, key[:30]) || strings.Contains(all, "malformed") {
			t.Errorf("%s: the message tells of the key: %s", c.name, all)
		}
	}
	if seal, err := NewEncryption([]string{other, public}, path); err != nil || !seal.On() {
		t.Errorf("one of two recipients is enough: %v", err)
	}
	if seal, err := NewEncryption(nil, path); err != nil || seal.On() {
		t.Errorf("an identity alone only reads: %v", err)
	}
}
