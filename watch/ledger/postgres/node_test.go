package postgres_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/watch/ledger/postgres"
	"obmen/watch/ledger/postgres/pgtest"
)

// process opens the ledger as one more process.
func process(t *testing.T, address string, term time.Duration) *postgres.Database {
	t.Helper()
	d, err := postgres.Open(t.Context(), address, postgres.Options{Busy: time.Minute, Term: term, Readers: 1})
	check(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func join(t *testing.T, d *postgres.Database, name string) *postgres.Node {
	t.Helper()
	n, err := d.Join(t.Context(), name, false)
	check(t, err)
	return n
}

func balance(t *testing.T, n *postgres.Node, mine, giveBack string) {
	t.Helper()
	s, err := n.Balance(t.Context(), []string{"a", "b", "c"})
	check(t, err)
	if strings.Join(s.Mine, " ") != mine || strings.Join(s.Return, " ") != giveBack {
		t.Fatalf("has %q and gives back %q, want %q and %q", s.Mine, s.Return, mine, giveBack)
	}
}

// The shares go to all nodes in equal parts, and those of one that is silent go to the others, whose writes it does not
// disturb any more.
func TestShares(t *testing.T) {
	address := pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress()
	first := process(t, address, time.Hour)
	one := join(t, first, "one")
	balance(t, one, "a b c lead", "")
	two := join(t, process(t, address, time.Hour), "two")
	balance(t, two, "", "")
	balance(t, one, "a b c lead", "c")
	check(t, one.Return(t.Context(), "c"))
	balance(t, two, "c", "")
	balance(t, one, "a b lead", "")

	brief := process(t, address, 300*time.Millisecond)
	three := join(t, brief, "three")
	balance(t, three, "", "")
	balance(t, one, "a b lead", "b")
	check(t, one.Return(t.Context(), "b"))
	balance(t, three, "b", "")
	brief.Silence()
	<-three.Lost()
	if three.Certain() {
		t.Error("a node that is lost is certain")
	}
	for { // its term ends by the server's clock
		s, err := one.Balance(t.Context(), []string{"a", "b", "c"})
		check(t, err)
		if slices.Contains(s.Mine, "b") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_, err := brief.Writer.ExecContext(t.Context(), `UPDATE counters SET last = 0`)
	check(t, err) // one statement is no transaction of the ledger
	_, err = brief.Writer.BeginTx(t.Context(), nil)
	if _, fenced := errors.AsType[*postgres.FencedError](err); !fenced {
		t.Errorf("a node that was taken over from writes: %v", err)
	}
	check(t, one.Leave(t.Context()))
	balance(t, two, "a b c lead", "")
}

// Who wants the ledger alone waits for the others, and they for that one.
func TestAlone(t *testing.T) {
	address := pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress()
	a, b := process(t, address, time.Hour), process(t, address, time.Hour)
	node := join(t, a, "first")
	if _, err := b.Join(t.Context(), "alone", true); !isOther(err, "first") {
		t.Errorf("beside another: %v", err)
	}
	check(t, node.Leave(t.Context()))
	alone, err := b.Join(t.Context(), "alone", true)
	check(t, err)
	if _, err := a.Join(t.Context(), "first", false); !isOther(err, "alone") {
		t.Errorf("beside one that is alone: %v", err)
	}
	check(t, alone.Leave(t.Context()))
	join(t, a, "first")
}

func isOther(err error, name string) bool {
	other, ok := errors.AsType[*postgres.OthersError](err)
	return ok && other.Node == name
}
