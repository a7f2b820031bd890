package ledger_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres/pgtest"
)

func TestPathsOfAnyKind(t *testing.T) {
	onlyFiles(t)
	names := []string{"состояние 1", "100%41", "a#b", "a&b=c", "a;b", "'a'", "a+b"}
	if runtime.GOOS != "windows" {
		names = append(names, "a?b", "new\nline", `a\b`, `"a"`)
	}
	for _, name := range names {
		dir := filepath.Join(t.TempDir(), name)
		ok(t, os.Mkdir(dir, 0o777))
		l := open(t, filepath.Join(dir, "ledger.db"))
		finish(t, begin(t, l, file("a")), ledger.Result{})
		ok(t, l.Close())
		entries, err := os.ReadDir(dir)
		if e := only(t, entries, err); e.Name() != "ledger.db" {
			t.Errorf("%q has %q after a clean close", name, e.Name())
		}
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	onlyFiles(t)
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no file modes: the folder's rights count there")
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	begin(t, open(t, path), file("a"))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		ok(t, err)
		want(t, name, info.Mode().Perm(), fs.FileMode(0o600))
	}
}

func TestMissingFolder(t *testing.T) {
	onlyFiles(t)
	_, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "none", "ledger.db"), ledger.Options{})
	e := failsAs[*ledger.Error](t, err, "none")
	if !errors.Is(err, fs.ErrNotExist) || e.Temporary() || e.Corrupt() {
		t.Errorf("%#v", e)
	}
}

// damaged is a ledger with something in it, closed, for the test to damage.
func damaged(t *testing.T, damage func(path string, text []byte) []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	ok(t, l.Group(t.Context(), func(tx *ledger.Tx) error {
		for i := range 300 {
			if _, err := tx.Begin(file(fmt.Sprint("file ", i))); err != nil {
				return err
			}
		}
		return nil
	}))
	ok(t, l.Close())
	text, err := os.ReadFile(path)
	ok(t, err)
	ok(t, os.WriteFile(path, damage(path, text), 0o600))
	return path
}

func TestDamageIsRecognised(t *testing.T) {
	onlyFiles(t)
	fill := func(from, to int) func(string, []byte) []byte {
		return func(_ string, text []byte) []byte {
			for i := from; i < min(to, len(text)); i++ {
				text[i] = 0xa5
			}
			return text
		}
	}
	for name, damage := range map[string]func(string, []byte) []byte{
		"no database":     func(string, []byte) []byte { return []byte("this is not a database, it is a letter to my grandmother") },
		"cut in the half": func(_ string, text []byte) []byte { return text[:len(text)/2] },
		"header":          fill(0, 100),
		"schema":          fill(100, 4096),
		"one page":        fill(5*4096, 6*4096),
		"last page":       func(_ string, text []byte) []byte { return fill(len(text)-4096, len(text))("", text) },
	} {
		t.Run(name, func(t *testing.T) {
			path := damaged(t, damage)
			before, err := os.ReadFile(path)
			ok(t, err)
			_, err = ledger.Open(t.Context(), place(path), ledger.Options{})
			if e := failsAs[*ledger.Error](t, err, path); !e.Corrupt() || e.Advice != "stop obmen, keep a copy of the file, and run: obmen ledger rebuild" {
				t.Errorf("hint %q, corrupt %v, %v", e.Advice, e.Corrupt(), err)
			}
			after, err := os.ReadFile(path)
			ok(t, err)
			if string(before) != string(after) {
				t.Error("opening a damaged ledger changed it")
			}
		})
	}
}

func TestEmptyFileIsNew(t *testing.T) {
	onlyFiles(t)
	path := damaged(t, func(string, []byte) []byte { return nil })
	if l := open(t, path); !l.Created() {
		t.Error("an empty file passes for an old ledger")
	}
}

// database opens a file behind the ledger's back.
func database(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	ok(t, err)
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestForeignDatabase(t *testing.T) {
	onlyFiles(t)
	for name, statements := range map[string][]string{
		"tables": {`CREATE TABLE notes (text TEXT)`},
		"mark":   {`PRAGMA application_id = 42`, `CREATE TABLE a (b)`, `DROP TABLE a`},
	} {
		path := filepath.Join(t.TempDir(), "ledger.db")
		database(t, path, statements...)
		_, err := ledger.Open(t.Context(), place(path), ledger.Options{})
		if e := failsAs[*ledger.Error](t, err, "not a ledger"); e.Corrupt() {
			t.Errorf("%s: somebody's database counts as a damaged ledger", name)
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onlyFiles(t)
	path := filepath.Join(t.TempDir(), "ledger.db")
	ok(t, open(t, path).Close())
	database(t, path, `PRAGMA user_version = 99`)
	_, err := ledger.Open(t.Context(), place(path), ledger.Options{})
	e := failsAs[*ledger.NewerError](t, err, "99", path)
	names, _ := filepath.Glob("migrations/*.sql")
	want(t, "known", e.Known, len(names))
}

// A ledger of every older version opens, keeps what it had, and works.
func TestMigrations(t *testing.T) {
	onlyFiles(t)
	names, err := filepath.Glob("migrations/*.sql")
	ok(t, err)
	for version := 1; version <= len(names); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			for i, name := range names[:version] {
				want(t, "number", filepath.Base(name)[:5], fmt.Sprintf("%04d_", i+1))
				script, err := os.ReadFile(name)
				ok(t, err)
				database(t, path, string(script))
			}
			database(t, path, fmt.Sprintf(`PRAGMA user_version = %d`, version), `PRAGMA application_id = 0x6f626d6e`,
				`INSERT INTO files (route, sha256, name, size, seen, state) VALUES ('inbox', '`+sum("old")+`', 'old', 3, 0, 'done')`)
			l := open(t, path)
			if _, err := l.Begin(t.Context(), file("old")); !errors.Is(err, ledger.ErrDone) {
				t.Errorf("the old file: %v", err)
			}
			s := set("s", member("1", revision(1, "x")))
			finish(t, begin(t, l, file("new")), ledger.Result{Sets: []ledger.Set{s}})
			ok(t, l.SetCursor(t.Context(), "a", "b"))
			ok(t, l.Check(t.Context()))
		})
	}
}

// Another process may have the ledger open: reading goes on, writing waits and then says so.
func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path)
	finish(t, begin(t, l, file("a")), ledger.Result{})
	child := helper(t, "hold", path)
	stdin, err := child.StdinPipe()
	ok(t, err)
	stdout, err := child.StdoutPipe()
	ok(t, err)
	ok(t, child.Start())
	defer func() {
		child.Process.Kill()
		child.Wait()
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n') // the child writes, and does not end
	if line != "holding\n" {
		t.Fatalf("child: %q, %v", line, err)
	}
	record(t, l, "a")
	second, err := ledger.Open(t.Context(), place(path), ledger.Options{Busy: 100 * time.Millisecond})
	if err == nil {
		defer second.Close()
		_, err = second.Begin(t.Context(), file("b"))
	}
	if e := failsAs[*ledger.Error](t, err); !e.Temporary() || e.Corrupt() {
		t.Errorf("%#v", e)
	}
	waited := make(chan error, 1)
	go func() {
		_, err := l.Begin(context.Background(), file("b"))
		waited <- err
	}()
	select {
	case err := <-waited:
		t.Fatalf("a write did not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	ok(t, stdin.Close())
	ok(t, <-waited)
}

// helper is this test program in another process, doing with the ledger of a path what helpers says.
func helper(t testing.TB, what, path string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	ok(t, err)
	cmd := exec.Command(self, append([]string{place(path)}, args...)...)
	cmd.Env = append(os.Environ(), "OBMEN_LEDGER_HELPER="+what)
	cmd.Stderr = os.Stderr
	return cmd
}

var helpers = map[string]func(args []string) error{"hold": holdOpen, "storm": storm}

func TestMain(m *testing.M) {
	if what := os.Getenv("OBMEN_LEDGER_HELPER"); what != "" {
		if err := helpers[what](os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, what, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if onServer() {
		pgtest.KeepConnections()
	}
	os.Exit(m.Run())
}

// holdOpen keeps a transaction open until its input ends.
func holdOpen(args []string) error {
	l, err := ledger.Open(context.Background(), args[0], ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	return l.Group(context.Background(), func(*ledger.Tx) error {
		fmt.Println("holding")
		os.Stdin.Read(make([]byte, 1))
		return nil
	})
}

// What is only read is checked whole once, and again as soon as anything else has touched the file.
func TestReadersTrustACheckedLedger(t *testing.T) {
	onlyFiles(t)
	path := damaged(t, func(_ string, text []byte) []byte { return text })
	opt := ledger.Options{Mark: path + "-whole", Reading: true}
	for range 2 {
		l, err := ledger.Open(t.Context(), path, opt)
		ok(t, err)
		files, err := l.Files(t.Context(), ledger.FileFilter{})
		ok(t, err)
		want(t, "files", len(files), 300)
		if err := l.SetCursor(t.Context(), "a", "b"); err == nil {
			t.Error("a ledger that is opened for reading takes a write")
		}
		ok(t, l.Close())
	}
	kept, err := os.ReadFile(opt.Mark)
	ok(t, err)

	text, err := os.ReadFile(path)
	ok(t, err)
	page := len(text) - 4096
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	ok(t, err)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), int64(page))
	ok(t, errors.Join(err, f.Close()))
	ok(t, os.Chtimes(path, time.Time{}, time.Unix(1, 0)))
	_, err = ledger.Open(t.Context(), path, opt)
	if e := failsAs[*ledger.Error](t, err, path); !e.Corrupt() {
		t.Errorf("not corrupt: %v", e)
	}

	// One that its watcher has checked is trusted, and so is, for once, this one; what is read of the damage is told.
	opt.Watched = func() bool { return true }
	l, err := ledger.Open(t.Context(), path, opt)
	if err == nil {
		err = errors.Join(l.Check(t.Context()), l.Close())
	}
	if e := failsAs[*ledger.Error](t, err, path); !e.Corrupt() || e.Hint() == "" {
		t.Errorf("not corrupt: %v", e)
	}
	after, err := os.ReadFile(opt.Mark)
	ok(t, err)
	want(t, "mark", string(after), string(kept))
}
