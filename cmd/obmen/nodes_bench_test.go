//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres/pgtest"
)

// load is what nodes have to do.
type load struct{ nodes, routes, files, orders int }

func (l load) all() int { return l.routes * l.files * l.orders }

// What several nodes with one ledger on a server do in a second, and what an order costs: the processors' time of the
// nodes, and that of the server. All run on this one machine. OBMEN_ACCOUNTS=10000 is a node with so many routes, one file
// for each, which takes minutes. Nodes are idle some seconds after the last file: until then more is expected, and they look
// five times a second.
func BenchmarkNodes(b *testing.B) {
	if n, _ := strconv.Atoi(os.Getenv("OBMEN_ACCOUNTS")); n > 0 {
		b.Run(fmt.Sprintf("accounts=%d", n), load{nodes: 1, routes: n, files: 1, orders: 10}.run)
		return
	}
	for _, l := range []load{
		{nodes: 1, routes: 12, files: 50, orders: 10},
		{nodes: 2, routes: 12, files: 50, orders: 10},
		{nodes: 3, routes: 12, files: 50, orders: 10},
		{nodes: 3, routes: 100, files: 6, orders: 10},
		{nodes: 3, routes: 1000, files: 1, orders: 10},
	} {
		b.Run(fmt.Sprintf("nodes=%d/routes=%d/files=%d", l.nodes, l.routes, l.routes*l.files), l.run)
	}
}

func (l load) run(b *testing.B) {
	obmen, err := plainBinary()
	must(b, err)
	for range b.N {
		b.StopTimer()
		dir := b.TempDir()
		pg := pgtest.Start(b, true)
		address := pg.Address("bench")
		l.write(b, dir, address)
		book, err := ledger.Open(b.Context(), address, ledger.Options{})
		must(b, err)
		nodes := make([]*exec.Cmd, l.nodes)
		for i := range nodes {
			nodes[i] = exec.Command(obmen, "watch", "--config", filepath.Join(dir, "obmen.toml"))
			nodes[i].Stderr = os.Stderr
			must(b, nodes[i].Start())
		}
		waitUntil(b, "the nodes share", func() bool { return l.shared(b, book) })
		before, server := cpuOf(b, nodes), cpuOfServer(b, pg)
		b.StartTimer()
		begun := time.Now()
		for r := range l.routes {
			for f := range l.files {
				must(b, os.Rename(filepath.Join(dir, fmt.Sprintf("new/%d-%d.json", r, f)), filepath.Join(dir, fmt.Sprintf("in%d/%d.json", r, f))))
			}
		}
		waitUntil(b, "all is out", func() bool {
			stats, err := book.Stats(b.Context())
			must(b, err)
			return stats.Orders[ledger.Exported] == l.all()
		})
		took := time.Since(begun)
		b.StopTimer()
		b.ReportMetric(float64(l.all())/took.Seconds(), "orders/s")
		b.ReportMetric((cpuOf(b, nodes)-before).Seconds()*1e6/float64(l.all()), "µs-of-nodes/order")
		b.ReportMetric((cpuOfServer(b, pg)-server).Seconds()*1e6/float64(l.all()), "µs-of-server/order")
		time.Sleep(12 * time.Second)
		idle, server := cpuOf(b, nodes), cpuOfServer(b, pg)
		time.Sleep(10 * time.Second)
		b.ReportMetric((cpuOf(b, nodes)-idle).Seconds()*10, "%idle")
		b.ReportMetric((cpuOfServer(b, pg)-server).Seconds()*10, "%idle-of-server")
		for _, n := range nodes {
			must(b, n.Process.Signal(syscall.SIGTERM))
			n.Wait()
		}
		book.Close()
	}
}

// write makes settings, folders and the files that are to come.
func (l load) write(b *testing.B, dir, address string) {
	var text strings.Builder
	fmt.Fprintf(&text, "[watch]\nsettle = \"20ms\"\n[web]\nlisten = \"off\"\n[ledger]\nurl = %q\n", address)
	for _, name := range append([]string{"new"}, workFolders...) {
		must(b, os.MkdirAll(filepath.Join(dir, name), 0o700))
	}
	must(b, os.WriteFile(filepath.Join(dir, "catalogs/products.csv"), []byte("sku;name\nA;Thing\n"), 0o600))
	number := 0
	for r := range l.routes {
		fmt.Fprintf(&text, "[[route]]\nname = \"r%d\"\ninbox = \"in%d\"\noutbox = \"out%d\"\nack = \"ack%d\"\n", r, r, r, r)
		for _, name := range []string{"in", "out", "ack"} {
			must(b, os.MkdirAll(filepath.Join(dir, fmt.Sprint(name, r)), 0o700))
		}
		for f := range l.files {
			numbers := make([]int, l.orders)
			for i := range numbers {
				number++
				numbers[i] = number
			}
			must(b, os.WriteFile(filepath.Join(dir, fmt.Sprintf("new/%d-%d.json", r, f)), []byte(shopOrders(numbers...)), 0o600))
		}
	}
	must(b, os.WriteFile(filepath.Join(dir, "obmen.toml"), []byte(text.String()), 0o600))
}

// shared reports whether the nodes have all routes, each about as many.
func (l load) shared(b *testing.B, book *ledger.Ledger) bool {
	nodes, err := book.Server().Nodes(context.Background())
	must(b, err)
	all := 0
	for i := range nodes {
		all += len(nodes[i].Shares)
		if len(nodes[i].Shares) > (l.routes+l.nodes-1)/l.nodes+1 {
			return false
		}
	}
	return len(nodes) == l.nodes && all == l.routes+1
}

// cpuOf is the processors' time that the nodes have used.
func cpuOf(b *testing.B, nodes []*exec.Cmd) (sum time.Duration) {
	for _, n := range nodes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.Process.Pid))
		must(b, err)
		var user, system int64 // hundredths of a second
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		fmt.Sscan(fields[11], &user)
		fmt.Sscan(fields[12], &system)
		sum += time.Duration(user+system) * 10 * time.Millisecond
	}
	return sum
}

func cpuOfServer(b *testing.B, pg *pgtest.Server) time.Duration {
	sum, err := pg.CPU()
	must(b, err)
	return sum
}

func waitUntil(b *testing.B, what string, holds func() bool) {
	b.Helper()
	for begun := time.Now(); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 10*time.Minute {
			b.Fatal(what + ": never")
		}
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
