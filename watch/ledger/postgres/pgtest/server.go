// Package pgtest starts PostgreSQL servers for tests. It installs nothing.
package pgtest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// nobody is the user that a server runs under when the test is root: PostgreSQL refuses to be.
const nobody = 65534

// patience is how long a server may take to start on a busy machine.
const patience = time.Minute

// Server is a PostgreSQL server of a test's own, reached through a socket in a folder of its own. It ends with the
// test program, in whatever way that ends.
type Server struct {
	dir, bin string
	ends     io.Closer // the server runs until it is closed
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Shared returns the server of the test program, which is started at the first call. Without PostgreSQL on the machine
// the test is skipped, or fails if it is needed.
func Shared(t testing.TB, needed bool) *Server {
	t.Helper()
	bin := find(t, needed)
	shared.once.Do(func() { shared.server, shared.err = start(bin) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

// Start starts a server for one test, which may crash it.
func Start(t testing.TB, needed bool) *Server {
	t.Helper()
	s, err := start(find(t, needed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.ends.Close() })
	return s
}

// find returns the folder of the server's programs.
func find(t testing.TB, needed bool) string {
	t.Helper()
	list, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if path, err := exec.LookPath("initdb"); err == nil {
		list = append(list, path)
	}
	_, err := exec.LookPath("setpriv")
	switch {
	case len(list) > 0 && (err == nil || os.Getuid() != 0):
		return filepath.Dir(list[len(list)-1])
	case needed:
		t.Fatal("PostgreSQL is not installed: apt-get install postgresql")
	}
	t.Skip("without PostgreSQL the ledger on a server is not tested: apt-get install postgresql")
	return ""
}

func start(bin string) (*Server, error) {
	dir, err := os.MkdirTemp("", "obmen-pg")
	if err != nil {
		return nil, err
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			return nil, err
		}
	}
	s := &Server{dir: dir, bin: bin}
	made := s.command("initdb", "-D", s.data(), "-U", "obmen", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
	if out, err := made.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.run()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// CPU returns the processors' time that all of the server's processes have used, those that have ended among them (Linux).
func (s *Server) CPU() (sum time.Duration, err error) {
	text, err := os.ReadFile(filepath.Join(s.data(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	main, _, _ := strings.Cut(string(text), "\n")
	list, err := os.ReadFile(fmt.Sprintf("/proc/%s/task/%s/children", main, main))
	if err != nil {
		return 0, err
	}
	sum = processTime(main, true)
	for _, pid := range strings.Fields(string(list)) {
		sum += processTime(pid, false)
	}
	return sum, nil
}

// processTime is the time of one process; 0 when it has just ended.
func processTime(pid string, withEnded bool) time.Duration {
	text, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	last := 13 // its own, then that of children that have ended
	if withEnded {
		last = 15
	}
	var hundredths int64
	for i := 11; i < min(last, len(fields)); i++ {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		hundredths += n
	}
	return time.Duration(hundredths) * 10 * time.Millisecond
}

// asServer puts what makes it run under the server's user before a command.
func (s *Server) asServer(program string, args ...string) []string {
	words := append([]string{filepath.Join(s.bin, program)}, args...)
	if os.Getuid() != 0 {
		return words
	}
	id := strconv.Itoa(nobody)
	return append([]string{"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"}, words...)
}

func (s *Server) command(program string, args ...string) *exec.Cmd {
	words := s.asServer(program, args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = s.dir
	return cmd
}

// keeper runs a server until its input ends.
const keeper = `dir=$1; shift
"$@" >>"$dir/log" 2>&1 &
cat >/dev/null
kill -QUIT $! 2>/dev/null; wait
[ -e "$dir/again" ] || rm -rf "$dir"`

// run starts the server and waits until it answers.
func (s *Server) run() error {
	settings := []string{"-D", s.data(), "-k", s.dir}
	for _, setting := range []string{"listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=200", "wal_level=minimal", "max_wal_senders=0", "jit=off", "shared_buffers=32MB", "autovacuum=off"} {
		settings = append(settings, "-c", setting)
	}
	cmd := exec.Command("sh", slices.Concat([]string{"-c", keeper, "sh", s.dir}, s.asServer("postgres", settings...))...)
	cmd.Dir = s.dir
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return err
	}
	s.ends = in
	go cmd.Wait()
	for begun := time.Now(); ; {
		if err = s.answers(); err == nil {
			return nil
		}
		if time.Since(begun) > patience {
			in.Close()
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the server does not answer: %w\n%s", err, log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// answers looks whether the server lets someone in.
func (s *Server) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgconn.Connect(ctx, s.Address("all"))
	if err != nil {
		return err
	}
	return c.Close(ctx)
}

// Address returns the address of a ledger in a schema of its own.
func (s *Server) Address(schema string) string {
	return addressAt(s.dir, schema)
}

// fresh counts the schemas of NewAddress.
var fresh atomic.Int64

// NewAddress returns the address of a ledger in a schema that no other test of the program has, nor the same in an
// earlier run.
func (s *Server) NewAddress() string { return s.Address(fmt.Sprint("fresh", fresh.Add(1))) }

// Crash stops the server at once, as a loss of power would, and starts it again.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	again := filepath.Join(s.dir, "again")
	if err := os.WriteFile(again, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.command("pg_ctl", "stop", "-m", "immediate", "-D", s.data(), "-t", "60").CombinedOutput(); err != nil {
		t.Fatalf("pg_ctl stop: %v\n%s", err, out)
	}
	s.ends.Close()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(again); err != nil {
		t.Fatal(err)
	}
}

func addressAt(dir, schema string) string {
	q := url.Values{"host": {dir}, "user": {"obmen"}, "search_path": {schema}}
	return (&url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: strings.ReplaceAll(q.Encode(), "+", "%20")}).String()
}
