//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Wherever dismiss is killed, and whatever becomes of the ledger then: an order that stood in it as dismissed never
// goes out, and one that did not goes out once.
func TestDismissalOutlivesTheLedger(t *testing.T) {
	whole := withHeldOrder(t)
	calls, err := killAt(whole.obmen("dismiss", "--why", "by hand", "1002"), moment{})
	if err != nil {
		t.Fatal(err)
	}
	list := moments(calls, stride(t)/3)
	t.Logf("calls that change the disk: %v; killed at %d of them", calls, len(list))
	for _, at := range list {
		t.Run(fmt.Sprint(at.call, at.n), func(t *testing.T) {
			t.Parallel()
			s := withHeldOrder(t)
			if _, err := killAt(s.obmen("dismiss", "--why", "by hand", "1002"), at); err != nil {
				t.Fatal(err)
			}
			decided := s.isDismissed("1002")
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(s.path("state/ledger.db" + suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			s.words("ledger", "rebuild")
			still := s.isDismissed("1002")
			if decided && !still {
				t.Fatal("the dismissal is lost with the ledger")
			}
			s.write("catalogs/products.csv", "sku;name\nA;Thing\nB;Other\n")
			if words, code := s.run(); code != 0 {
				t.Fatalf("watch ended with %d:\n%s", code, words)
			}
			out, err := s.published()
			s.check(err)
			if want := map[bool]int{false: 1, true: 0}[still]; out["1002"] != want || out["1001"] != 1 {
				t.Errorf("went out: %v, dismissed: %v", out, still)
			}
		})
	}
}

// withHeldOrder is a scene in which order 1001 has gone out, and 1002 is held.
func withHeldOrder(t *testing.T) *scene {
	s := newScene(t)
	s.write("inbox/orders.json", strings.Replace(shopOrders(1001, 1002), `1002,"currency":"USD","created_at":"2026-11-01T10:00:00Z","line_items":[{"sku":"A"`,
		`1002,"currency":"USD","created_at":"2026-11-01T10:00:00Z","line_items":[{"sku":"B"`, 1))
	if words, code := s.run(); code != 3 {
		t.Fatalf("watch ended with %d:\n%s", code, words)
	}
	return s
}

// obmen is a command on the scene's settings.
func (s *scene) obmen(name string, args ...string) *exec.Cmd {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	settings := []string{"--config", s.path("obmen.toml")}
	if name == "ledger" { // they are the subcommand's
		args = slices.Concat(args[:1], settings, args[1:])
	} else {
		args = append(settings, args...)
	}
	return exec.Command(obmen, append([]string{name}, args...)...)
}

// words runs a command that must end well.
func (s *scene) words(name string, args ...string) string {
	s.t.Helper()
	out, err := s.obmen(name, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("obmen %s: %v\n%s", name, err, out)
	}
	return string(out)
}

func (s *scene) isDismissed(order string) bool {
	s.t.Helper()
	return strings.Contains(s.words("held", "--dismissed"), order+"  dismissed")
}
