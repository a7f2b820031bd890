//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger/postgres/pgtest"
)

// node is a watcher that may lead.
type node struct {
	*exec.Cmd
	ended chan struct{}
}

// nodes are two watchers with one ledger on a server, over one scene.
type nodes struct {
	*scene
	pg   *pgtest.Server
	list [2]*node
}

func newNodes(t *testing.T) *nodes {
	n := &nodes{scene: newScene(t), pg: pgtest.Start(t, os.Getenv("CI") == "true")}
	n.server = n.pg.Address("scene")
	n.write("obmen.toml", "[watch]\nsettle = \"20ms\"\npoll = \"200ms\"\n[web]\nlisten = \"off\"\n[ledger]\nurl = \""+n.server+"\"\ntakeover = \"2s\"\n")
	for i := range n.list {
		n.start(i)
	}
	t.Cleanup(n.stop)
	return n
}

func (n *nodes) start(i int) {
	n.t.Helper()
	obmen, err := plainBinary()
	n.check(err)
	log, err := os.OpenFile(n.path(fmt.Sprintf("node%d.log", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	n.check(err)
	defer log.Close()
	of := &node{exec.Command(obmen, "watch", "--config", n.path("obmen.toml")), make(chan struct{})}
	of.Stdout, of.Stderr = log, log
	n.check(of.Start())
	n.list[i] = of
	go func() {
		of.Wait()
		close(of.ended)
	}()
}

// stop ends the nodes in order, also a frozen one.
func (n *nodes) stop() {
	for _, of := range n.list {
		of.Process.Signal(syscall.SIGTERM)
		of.Process.Signal(syscall.SIGCONT)
	}
	for i, of := range n.list {
		select {
		case <-of.ended:
		case <-time.After(time.Minute):
			n.t.Errorf("node %d does not end\n%s", i, n.logs())
			of.Process.Kill()
		}
	}
}

func (n *nodes) logs() string {
	var b strings.Builder
	for i := range n.list {
		text, _ := os.ReadFile(n.path(fmt.Sprintf("node%d.log", i)))
		fmt.Fprintf(&b, "node %d:\n%s\n", i, text)
	}
	return b.String()
}

// until waits for something that is bound to happen.
func (n *nodes) until(what string, holds func() error) {
	n.t.Helper()
	var err error
	for begun := time.Now(); time.Since(begun) < 2*time.Minute; time.Sleep(50 * time.Millisecond) {
		if err = holds(); err == nil {
			return
		}
	}
	n.t.Fatalf("%s: %v\n%s", what, err, n.logs())
}

// leader is the number of the node that leads now.
func (n *nodes) leader() (int, error) {
	ctx := context.Background()
	c, err := pgconn.Connect(ctx, n.server)
	if err != nil {
		return 0, err
	}
	defer c.Close(ctx)
	results, err := c.Exec(ctx, "SELECT node FROM turn, heartbeat WHERE until > clock_timestamp()").ReadAll()
	if err != nil || len(results[0].Rows) == 0 {
		return 0, fmt.Errorf("none leads (%v)", err)
	}
	name := string(results[0].Rows[0][0])
	for i, of := range n.list {
		if strings.HasSuffix(name, fmt.Sprintf("/%d", of.Process.Pid)) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s leads", name)
}

func (n *nodes) leads() (i int) {
	n.t.Helper()
	n.until("a node leads", func() (err error) {
		i, err = n.leader()
		return err
	})
	return i
}

// overtaken waits until the other node leads.
func (n *nodes) overtaken(before int) {
	n.t.Helper()
	n.until("the other takes over", func() error {
		now, err := n.leader()
		if err == nil && now == before {
			err = fmt.Errorf("node %d still leads", now)
		}
		return err
	})
}

// more drops files that nobody has seen.
func (n *nodes) more(round, files int) {
	for f := range files {
		number := 10_000*round + 10*f
		n.drop(fmt.Sprintf("r%d-%02d.json", round, f), shopOrders(number, number+1), fmt.Sprint(number), fmt.Sprint(number+1))
	}
}

// still looks at everything while no node moves.
func (n *nodes) still() {
	n.t.Helper()
	for _, of := range n.list {
		of.Process.Signal(syscall.SIGSTOP)
	}
	if err := n.always(); err != nil {
		n.t.Fatalf("%v\n%s", err, n.logs())
	}
	for _, of := range n.list {
		of.Process.Signal(syscall.SIGCONT)
	}
}

// Two nodes with one ledger on a server: one is killed, one is frozen past its time and thawed, the server loses its
// power, while files come in. Nothing is lost, double or half, at any instant and in the end.
func TestNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two nodes and a server take some seconds")
	}
	t.Parallel()
	n := newNodes(t)
	n.fill()
	n.leads()
	n.until("all is out", n.allOut)
	n.still()

	n.more(1, 6)
	killed := n.leads()
	n.check(n.list[killed].Process.Kill())
	<-n.list[killed].ended
	n.overtaken(killed)
	n.start(killed)
	n.still()

	n.more(2, 6)
	frozen := n.leads()
	n.check(n.list[frozen].Process.Signal(syscall.SIGSTOP))
	n.more(3, 4)
	n.overtaken(frozen)
	n.until("all is out", n.allOut)
	n.more(4, 6)
	n.check(n.list[frozen].Process.Signal(syscall.SIGCONT))
	n.until("all is out", n.allOut)
	n.still()

	for round := range 2 {
		n.more(5+round, 5)
		time.Sleep(time.Duration(50*round) * time.Millisecond) // any moment will do
		n.pg.Crash(t)
	}
	n.until("all is out", n.allOut)
	n.still()
	n.stop()
	n.check(n.finish())
	n.replay("10000")
}

// replay sends an order once more, and only that.
func (n *nodes) replay(order string) {
	n.t.Helper()
	obmen, err := plainBinary()
	n.check(err)
	if out, err := exec.Command(obmen, "replay", "--config", n.path("obmen.toml"), order).CombinedOutput(); err != nil {
		n.t.Fatalf("replay: %v\n%s", err, out)
	}
	if words, code := n.run(); code != ui.ExitOK && code != ui.ExitHeld {
		n.t.Fatalf("watch ended with code %d:\n%s", code, words)
	}
	out, err := n.published()
	n.check(err)
	if out[order] != 2 || out["10001"] != 1 {
		n.t.Errorf("order %s is out %d times, its neighbour %d times", order, out[order], out["10001"])
	}
}

// A ledger moves onto a server and back by the command, and a backup of it is a file.
func TestLedgerMoves(t *testing.T) {
	t.Parallel()
	s := small(t)
	if words, code := s.run(); code != ui.ExitOK && code != ui.ExitHeld {
		t.Fatalf("watch ended with code %d:\n%s", code, words)
	}
	s.server = pgtest.Shared(t, os.Getenv("CI") == "true").Address("moves")
	settings := "[watch]\nsettle = \"20ms\"\n[web]\nlisten = \"off\"\n"
	s.write("obmen.toml", settings+"[ledger]\nurl = \""+s.server+"\"\n")
	obmen, err := plainBinary()
	s.check(err)
	do := func(want string, args ...string) {
		t.Helper()
		cmd := exec.Command(obmen, args...)
		cmd.Env = append(os.Environ(), "OBMEN_CONFIG="+s.path("obmen.toml"))
		out, err := cmd.CombinedOutput()
		if (err == nil) != (want != "not empty") || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v, without %q:\n%s", args, err, want, out)
		}
	}
	do("compared", "ledger", "move", "server")
	s.drop("later.json", shopOrders(3001), "3001")
	s.check(s.finish())
	do("3001", "explain", "3001")
	do("saved", "backup", s.path("all.zip"))
	do("compared", "ledger", "move", "file")
	do("not empty", "ledger", "move", "server")
	s.write("obmen.toml", settings)
	s.server = ""
	s.drop("last.json", shopOrders(3002), "3002")
	s.check(s.finish())
	if list, _ := filepath.Glob(s.path("state/ledger.db.moved-*")); len(list) != 1 {
		t.Errorf("the old file: %q", list)
	}
}
