//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres"
	"obmen/watch/ledger/postgres/pgtest"
)

// node is a watcher among others.
type node struct {
	*exec.Cmd
	ended chan struct{}
}

// nodes are three watchers with one ledger on a server, over one scene of three routes. The last reaches the server by a
// wire that can be cut.
type nodes struct {
	*scene
	pg   *pgtest.Server
	wire *pgtest.Wire
	book *ledger.Ledger
	list [3]*node
}

func newNodes(t *testing.T) *nodes {
	n := &nodes{scene: newScene(t), pg: pgtest.Start(t, os.Getenv("CI") == "true")}
	n.wire = pgtest.NewWire(t, n.pg)
	n.server = n.pg.Address("scene")
	var routes strings.Builder
	n.inboxes, n.outboxes = nil, nil
	for i, name := range []string{"east", "south", "west"} {
		n.inboxes, n.outboxes = append(n.inboxes, "inbox"+name), append(n.outboxes, "outbox"+name)
		for _, dir := range []string{n.inboxes[i], n.outboxes[i]} {
			n.check(os.Mkdir(n.path(dir), 0o777))
		}
		fmt.Fprintf(&routes, "[[route]]\nname = %q\ninbox = %q\noutbox = %q\nack = \"ack%s\"\n", name, n.inboxes[i], n.outboxes[i], name)
	}
	for i := range n.list {
		address := n.server
		if i == len(n.list)-1 {
			address = n.wire.Address("scene")
		}
		text := "[watch]\nsettle = \"20ms\"\npoll = \"200ms\"\n[web]\nlisten = \"off\"\n[ledger]\nurl = \"" + address + "\"\ntakeover = \"2s\"\n" + routes.String()
		n.write(n.settings(i), text)
		n.write("obmen.toml", text)
		n.start(i)
	}
	t.Cleanup(n.stop)
	n.check(n.connect())
	t.Cleanup(func() { n.book.Close() })
	return n
}

func (n *nodes) settings(i int) string { return fmt.Sprintf("node%d.toml", i) }

func (n *nodes) connect() (err error) {
	n.book, err = ledger.Open(n.t.Context(), n.server, ledger.Options{})
	return err
}

func (n *nodes) start(i int) {
	n.t.Helper()
	obmen, err := plainBinary()
	n.check(err)
	log, err := os.OpenFile(n.path(fmt.Sprintf("node%d.log", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	n.check(err)
	defer log.Close()
	of := &node{exec.Command(obmen, "watch", "--config", n.path(n.settings(i))), make(chan struct{})}
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
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if err = holds(); err == nil {
			return
		}
	}
	n.t.Fatalf("%s: %v\n%s", what, err, n.logs())
}

// standing is how the live nodes stand, by their place in the list; nil for one that is not live.
func (n *nodes) standing() (of [3]*postgres.Standing, err error) {
	all, err := n.book.Server().Nodes(context.Background())
	for _, s := range all {
		for i := range n.list {
			if s.Left > 0 && strings.HasSuffix(s.Name, fmt.Sprintf("/%d", n.list[i].Process.Pid)) {
				of[i] = &s
			}
		}
	}
	return of, err
}

// shared reports whether these nodes, and no others, have all routes, each an equal part, and one of them leads.
func (n *nodes) shared(live ...int) error {
	of, err := n.standing()
	if err != nil {
		return err
	}
	routes, leaders := 0, 0
	for i, s := range of {
		switch {
		case (s != nil) != slices.Contains(live, i):
			return fmt.Errorf("node %d: %v", i, s)
		case s == nil:
			continue
		}
		mine := len(s.Shares)
		if s.Leads() {
			leaders++
			mine--
		}
		if routes += mine; mine > (3+len(live)-1)/len(live) {
			return fmt.Errorf("node %d has %q", i, s.Shares)
		}
	}
	if routes != 3 || leaders != 1 {
		return fmt.Errorf("%d routes are with nodes, %d of them lead", routes, leaders)
	}
	return nil
}

// leader is the node that leads.
func (n *nodes) leader() (leader int) {
	n.t.Helper()
	n.until("a node leads", func() error {
		of, err := n.standing()
		leader = slices.IndexFunc(of[:], func(s *postgres.Standing) bool { return s != nil && s.Leads() })
		if err == nil && leader < 0 {
			err = errors.New("none leads")
		}
		return err
	})
	return leader
}

// more drops new files into all inboxes.
func (n *nodes) more(round, files int) {
	for f := range files {
		number := 10_000*round + 10*f
		n.dropInto(n.inboxes[f%len(n.inboxes)], fmt.Sprintf("r%d-%02d.json", round, f), shopOrders(number, number+1), fmt.Sprint(number), fmt.Sprint(number+1))
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

// Three nodes with one ledger on a server share the routes: one is killed, one is frozen past its time and thawed, one is
// cut off, the server loses its power, while files come in. Nothing is lost, double or half, at any instant and in the
// end.
func TestNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("short: three nodes and a server take some seconds")
	}
	t.Parallel()
	n := newNodes(t)
	n.more(1, 6)
	n.until("all share", func() error { return n.shared(0, 1, 2) })
	n.until("all is out", n.allOut)
	n.still()

	n.until("all share", func() error { return n.shared(0, 1, 2) })
	n.more(2, 9)
	killed := n.leader()
	n.check(n.list[killed].Process.Kill())
	<-n.list[killed].ended
	n.until("the others take over", func() error { return n.shared((killed+1)%3, (killed+2)%3) })
	n.until("all is out", n.allOut)
	n.start(killed)
	n.until("all share once more", func() error { return n.shared(0, 1, 2) })

	n.more(3, 6)
	frozen := (killed + 1) % 3
	n.check(n.list[frozen].Process.Signal(syscall.SIGSTOP))
	n.more(4, 6)
	n.until("the others take over", func() error { return n.shared((frozen+1)%3, (frozen+2)%3) })
	n.until("all is out", n.allOut)
	n.more(5, 6)
	n.check(n.list[frozen].Process.Signal(syscall.SIGCONT))
	n.until("all is out", n.allOut)
	n.still()

	n.until("all share once more", func() error { return n.shared(0, 1, 2) })
	n.more(6, 6)
	n.wire.Cut()
	n.more(7, 6)
	n.until("the others take over", func() error { return n.shared(0, 1) })
	n.until("all is out", n.allOut)
	n.wire.Mend()
	n.until("all share once more", func() error { return n.shared(0, 1, 2) })

	for round := range 2 {
		n.more(8+round, 6)
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
	s.server = pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress()
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
