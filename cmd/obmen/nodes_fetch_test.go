//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"obmen/fetch/spapi/spapitest"
	"obmen/watch/ledger"
	"obmen/watch/ledger/postgres/pgtest"
)

// sharedFetches are two nodes and two accounts, each with a shop of its own and a route of its own.
type sharedFetches struct {
	*fetchScene
	shops [2]*spapitest.Amazon
	nodes [2]*exec.Cmd
	book  *ledger.Ledger

	mu    sync.Mutex
	asked [2][]int      // by account, which node asked for each page
	stuck chan struct{} // the second page of the first account comes when it is closed
}

func newSharedFetches(t *testing.T) *sharedFetches {
	s := &sharedFetches{fetchScene: &fetchScene{t: t, dir: t.TempDir()}, stuck: make(chan struct{})}
	for _, name := range append([]string{"in0", "in1", "ack0", "ack1", "out1"}, workFolders...) {
		s.check(os.Mkdir(s.path(name), 0o777))
	}
	s.write("catalogs/products.csv", "sku;name\nA;Thing\n")
	address := pgtest.Shared(t, os.Getenv("CI") == "true").NewAddress()
	for a := range s.shops {
		s.shops[a] = selling(fetchKillOrders)
	}
	for n := range s.nodes {
		text := "[watch]\nsettle = \"10ms\"\npoll = \"200ms\"\n[web]\nlisten = \"off\"\n[match]\nunknown_product = \"create\"\n[fetch]\nfirst_run = \"5d\"\n[ledger]\nurl = \"" + address + "\"\ntakeover = \"2s\"\n"
		for a := range s.shops {
			server := httptest.NewServer(s.shop(n, a))
			t.Cleanup(server.Close)
			text += fmt.Sprintf("[[account]]\nname = \"a%d\"\nregion = \"eu\"\nmarketplaces = [\"DE\"]\nendpoint = %q\ntoken_url = %q\n", a, server.URL, server.URL+spapitest.TokenPath)
			text += fmt.Sprintf("[[route]]\nname = \"r%d\"\naccount = \"a%d\"\ninbox = \"in%d\"\noutbox = %q\nack = \"ack%d\"\n", a, a, a, []string{"outbox", "out1"}[a], a)
		}
		s.write(fmt.Sprintf("node%d.toml", n), text)
		s.write("obmen.toml", text)
	}
	for _, account := range []string{"a0", "a1"} {
		s.secrets(account)
	}
	var err error
	s.book, err = ledger.Open(t.Context(), address, ledger.Options{})
	s.check(err)
	t.Cleanup(func() { s.book.Close() })
	return s
}

// shop is that of an account as a node sees it.
func (s *sharedFetches) shop(node, account int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/orders/") {
			s.mu.Lock()
			s.asked[account] = append(s.asked[account], node)
			second := account == 0 && len(s.asked[0]) == 2
			s.mu.Unlock()
			if second {
				select {
				case <-s.stuck:
				case <-r.Context().Done():
					return
				}
			}
		}
		s.shops[account].ServeHTTP(w, r)
	}
}

// pages returns which node asked for each page of an account.
func (s *sharedFetches) pages(account int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked[account])
}

func (s *sharedFetches) startNode(n int) {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	log, err := os.Create(s.path(fmt.Sprintf("node%d.log", n)))
	s.check(err)
	defer log.Close()
	s.nodes[n] = exec.Command(obmen, "watch", "--config", s.path(fmt.Sprintf("node%d.toml", n)))
	s.nodes[n].Stdout, s.nodes[n].Stderr = log, log
	s.check(s.nodes[n].Start())
}

func (s *sharedFetches) until(what string, holds func() error) {
	s.t.Helper()
	var err error
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(100 * time.Millisecond) {
		if err = holds(); err == nil {
			return
		}
	}
	for n := range s.nodes {
		text, _ := os.ReadFile(s.path(fmt.Sprintf("node%d.log", n)))
		s.t.Logf("node %d:\n%s", n, text)
	}
	s.t.Fatalf("%s: %v", what, err)
}

// owner is the node that has the route of an account; -1 while none has.
func (s *sharedFetches) owner(account int) int {
	s.t.Helper()
	all, err := s.book.Server().Nodes(context.Background())
	s.check(err)
	for _, standing := range all {
		for n, of := range s.nodes {
			if of != nil && strings.HasSuffix(standing.Name, fmt.Sprintf("/%d", of.Process.Pid)) && slices.Contains(standing.Shares, fmt.Sprintf("r%d", account)) {
				return n
			}
		}
	}
	return -1
}

// archived are the fetched pages of an account.
func (s *sharedFetches) archived(account int) (pages int) {
	_ = filepath.WalkDir(s.path("archive"), func(path string, _ os.DirEntry, _ error) error {
		if strings.Contains(filepath.Base(path), fmt.Sprintf("a%d-", account)) && strings.Contains(path, ".json") {
			pages++
		}
		return nil
	})
	return pages
}

// out reports whether every order of an account is out, once.
func (s *sharedFetches) out(account int) error {
	s.fetchScene.shop = s.shops[account]
	want, _ := s.sold(2 * time.Minute)
	got := map[string]int{}
	for _, path := range s.files([]string{"outbox", "out1"}[account], "*.xml") {
		for _, d := range parseExchange(s.t, path).Documents {
			got[d.shopNumber()]++
		}
	}
	for id, n := range got {
		if n != 1 || want[id] != 1 {
			s.t.Fatalf("order %s is out %d times, sold %d times", id, n, want[id])
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d of %d orders of account %d are out", len(got), len(want), account)
	}
	return nil
}

// Each account is fetched by the node that has its route, and by no other. One is killed in the middle: the other goes on
// behind the last page that was saved. No page comes twice, and none is lost.
func TestNodesShareFetches(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two nodes and a server take some seconds")
	}
	t.Parallel()
	s := newSharedFetches(t)
	s.startNode(0)
	s.until("the first node has all", func() error {
		if s.owner(0) != 0 || s.owner(1) != 0 || len(s.pages(0)) != 2 {
			return errors.New("not yet")
		}
		return nil
	})
	s.until("the second account is out", func() error { return s.out(1) })
	s.startNode(1)
	s.until("the second node has a part", func() error {
		if s.owner(0) == s.owner(1) || s.owner(0) < 0 || s.owner(1) < 0 {
			return errors.New("not yet")
		}
		return nil
	})
	if s.owner(0) != 0 {
		t.Fatal("the account that is being fetched went to the other node")
	}
	s.check(s.nodes[0].Process.Kill())
	s.nodes[0].Wait()
	s.until("the first account is out", func() error { return s.out(0) })
	close(s.stuck)
	if got, want := s.pages(0), []int{0, 0, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("the pages of the first account were asked for by nodes %v, want %v", got, want)
	}
	if got, want := s.pages(1), []int{0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("the pages of the second account were asked for by nodes %v, want %v", got, want)
	}
	s.check(s.nodes[1].Process.Signal(syscall.SIGTERM))
	s.nodes[1].Wait()
	for a := range s.shops {
		if got := s.archived(a); got != 3 {
			t.Errorf("%d pages of account %d were read, want 3", got, a)
		}
	}
}
