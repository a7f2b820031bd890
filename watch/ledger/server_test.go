package ledger_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
	"obmen/watch/ledger/postgres/pgtest"
)

// serverVariable has the address of the server on which all tests of this package run.
const serverVariable = "OBMEN_LEDGER_SERVER"

func onServer() bool { return os.Getenv(serverVariable) != "" }

// schemas are where the ledgers of the tests lie on the server, each in the place of a file. One that is done with is
// emptied and taken once more: to make one takes longer than most tests.
var schemas = struct {
	sync.Mutex
	of   map[string]int // by path
	idle []int
	made int
}{of: map[string]int{}}

// place returns where the ledger of a path lies: there, or on the server.
func place(path string) string {
	if !onServer() {
		return path
	}
	schemas.Lock()
	defer schemas.Unlock()
	n, taken := schemas.of[path]
	if !taken {
		if last := len(schemas.idle) - 1; last >= 0 {
			n, schemas.idle = schemas.idle[last], schemas.idle[:last]
		} else {
			n = schemas.made
			schemas.made++
		}
		schemas.of[path] = n
	}
	return addressOf(n)
}

func addressOf(n int) string {
	return strings.Replace(os.Getenv(serverVariable), "search_path=all", fmt.Sprintf("search_path=t%d", n), 1)
}

// release ends the use of a place, whose ledger is closed.
func release(path string) {
	schemas.Lock()
	defer schemas.Unlock()
	if n, taken := schemas.of[path]; taken && empty(addressOf(n)) == nil {
		delete(schemas.of, path)
		schemas.idle = append(schemas.idle, n)
	}
}

// empty takes all rows out of a ledger, behind its back.
func empty(address string) error {
	config, err := pgconn.ParseConfig(address)
	if err != nil {
		return err
	}
	c, err := postgres.Dial(context.Background(), config)
	if err != nil {
		return err
	}
	defer postgres.HangUp(context.Background(), c)
	_, err = c.Exec(context.Background(), `DELETE FROM letters; DELETE FROM members; DELETE FROM outputs; DELETE FROM sets; DELETE FROM files;
		DELETE FROM orders; DELETE FROM holds; DELETE FROM cursors; DELETE FROM exchanges; DELETE FROM parts; DELETE FROM dismissals;
		DELETE FROM site_orders; DELETE FROM trail; DELETE FROM numbers; DELETE FROM changes;
		DELETE FROM nodes; DELETE FROM shares; DELETE FROM counters`).ReadAll()
	return err
}

// onlyFiles ends a test that is about SQLite's files.
func onlyFiles(t testing.TB) {
	t.Helper()
	if onServer() {
		t.Skip("about files")
	}
}

// What a ledger does, it does on PostgreSQL as in a file: all tests of this package, once more.
func TestAllOnPostgreSQL(t *testing.T) {
	if onServer() {
		return
	}
	if testing.Short() {
		t.Skip("short: all tests on PostgreSQL take some seconds")
	}
	s := pgtest.Shared(t, os.Getenv("CI") == "true")
	self, err := os.Executable()
	ok(t, err)
	cmd := exec.Command(self, "-test.run=.", "-test.skip=EarlierSchema|TestBackup", "-rapid.checks=10", "-rapid.nofailfile", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), serverVariable+"="+s.Address("all"))
	if testing.Verbose() {
		cmd.Args = append(cmd.Args, "-test.v")
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	ok(t, err)
}

// A ledger that is moved onto a server and back is the one that it was.
func TestMoveOntoAServer(t *testing.T) {
	if onServer() {
		return
	}
	l, address := fresh(t), pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress()
	finish(t, begin(t, l, file("a")), ledger.Result{Orders: []ledger.Order{exported("1", revision(1, "x"), "facts")}})
	moved := open(t, address)
	n, err := l.CopyTo(t.Context(), moved)
	ok(t, err)
	want(t, "rows", n, 2)
	finish(t, begin(t, moved, file("b")), ledger.Result{})
	back := fresh(t)
	n, err = moved.CopyTo(t.Context(), back)
	ok(t, err)
	want(t, "rows", n, 3)
	want(t, "facts", string(order(t, back, "1").Facts), "facts")
}

// Two processes with one ledger on a server give no number twice, and the log has the numbers of both.
func TestNumbersOfTwoProcesses(t *testing.T) {
	if onServer() {
		return
	}
	address, dir := pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress(), t.TempDir()
	one, two := open(t, address), open(t, address)
	ok(t, one.LogNumbers(t.Context(), dir, ""))
	two.LogNumbersApart(dir, "host/2")
	seen := map[string]bool{}
	for i := range 50 {
		l := []*ledger.Ledger{one, two}[i%2]
		key := ledger.Key{Order: fmt.Sprint("order ", i)}
		number, err := l.Number(t.Context(), "", key)
		ok(t, err)
		if seen[number] {
			t.Fatalf("number %s is given twice", number)
		}
		seen[number] = true
		again, err := l.Number(t.Context(), "", key)
		ok(t, err)
		want(t, "the number of the same order", again, number)
		ok(t, l.KeepNumbers(t.Context(), []ledger.Set{{Orders: []ledger.Member{{Key: key}}}}))
	}
	three := open(t, address)
	ok(t, three.LogNumbers(t.Context(), dir, ""))
	text, err := os.ReadFile(filepath.Join(dir, ledger.NumbersFile))
	ok(t, err)
	want(t, "numbers in the log", strings.Count(string(text), `"number"`), 50)
	apart, err := filepath.Glob(filepath.Join(dir, "numbers-*"))
	ok(t, err)
	want(t, "logs of single nodes that are left", len(apart), 0)
}
