//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"obmen/watch/store"

	"obmen/cmd/obmen/ui"

	"filippo.io/age"
)

// encrypted is the small scene with an encrypted archive. What a first start does is done: kills of that
// are tried without encryption.
func encrypted(t *testing.T, key *age.X25519Identity) *scene {
	t.Helper()
	s := newScene(t)
	public := key.Recipient().String()
	s.check(os.WriteFile(s.path("obmen.key"), []byte(key.String()+"\n"), 0o600))
	s.write("obmen.toml", fmt.Sprintf("[watch]\nsettle = \"20ms\"\nencrypt_to = [%q]\nidentity = \"obmen.key\"\n", public))
	seal, err := store.NewEncryption([]string{public}, s.path("obmen.key"))
	s.check(err)
	s.seal = seal
	if words, code := s.run(); code != ui.ExitOK {
		t.Fatalf("watch ended with code %d:\n%s", code, words)
	}
	s.fill()
	return s
}

// kept checks what holds right after a kill: the encrypted copy comes before the dropped file goes, so
// one file may be there in both forms, and none in neither.
func (s *scene) kept() error {
	found, both := s.found(), 0
	for h, n := range s.drops {
		if found[h] < n {
			return fmt.Errorf("a dropped file is lost\n%s", s.tree())
		}
		both += found[h] - n
	}
	if both > 1 {
		return fmt.Errorf("%d files are there in both forms\n%s", both, s.tree())
	}
	return nil
}

// The same with encryption: after the next run every file is there once, though no two encryptions are alike.
func TestKilledAtAnyCallWhileEncrypting(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range momentsOf(t, encrypted(t, key)) {
		t.Run(fmt.Sprintf("%s %d", at.call, at.n), func(t *testing.T) {
			t.Parallel()
			s := encrypted(t, key)
			if _, err := killAt(s.command(), at); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.kept(), s.nothingTwice(), s.nothingHalf()); err != nil {
				t.Fatalf("right after the kill: %v", err)
			}
			if err := s.finish(); err != nil {
				t.Fatalf("run again: %v", err)
			}
		})
	}
}
