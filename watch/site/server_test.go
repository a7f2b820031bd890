package site_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
	"pgregory.net/rapid"

	"obmen/watch/drop"
	"obmen/watch/site"
	"obmen/watch/site/sitetest"
)

const password = "right password"

var hash = func() []byte {
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return h
}()

// peer is a server with a client.
type peer struct {
	*sitetest.Client
	server *site.Server
	queue  *memory
	base   *sitetest.Base
	mu     sync.Mutex
	events []site.Event
	late   atomic.Int64 // how far its clock is before the real one
}

// pass lets time pass.
func (p *peer) pass(d time.Duration) { p.late.Add(int64(d)) }

func start(t *testing.T, m *memory) *peer {
	t.Helper()
	p := &peer{queue: m, base: &sitetest.Base{}}
	p.server = &site.Server{
		Queue: m, Answers: m, Products: &shelf{}, Uploads: drop.Folder{Dir: t.TempDir()},
		Now:      func() time.Time { return time.Now().Add(time.Duration(p.late.Load())) },
		Statuses: []string{"unshipped", "shipped"},
		Password: func(user string) []byte {
			if user == "1c" || user == "other" {
				return hash
			}
			return nil
		},
		Report: func(e site.Event) { p.mu.Lock(); p.events = append(p.events, e); p.mu.Unlock() },
	}
	web := httptest.NewServer(p.server.Handler())
	t.Cleanup(func() { web.Close(); p.server.Close() })
	p.Client = &sitetest.Client{URL: web.URL + site.Paths[0], User: "1c", Password: password, HTTP: web.Client()}
	return p
}

func (p *peer) happened(kind site.Kind) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// all downloads until nothing is left, and returns the number of queries.
func (p *peer) all(t *testing.T, most int) (queries int) {
	t.Helper()
	for p.queue.left() > 0 {
		if queries++; queries > most {
			t.Fatalf("after %d queries %d orders still wait", most, p.queue.left())
		}
		_, _ = p.Download(t.Context(), p.base)
	}
	return queries
}

func TestDownload(t *testing.T) {
	p := start(t, newMemory(120))
	if queries := p.all(t, 3); queries != 3 {
		t.Errorf("%d queries, want 3", queries)
	}
	n, err := p.Download(t.Context(), p.base)
	if n != 0 || err != nil {
		t.Errorf("afterwards there were %d orders, %v", n, err)
	}
	if got := len(p.base.Documents); got != 120 {
		t.Errorf("%d documents", got)
	}
}

// Only success confirms.
func TestWithoutSuccess(t *testing.T) {
	p := start(t, newMemory(3))
	stop := errors.New("1C crashed")
	p.Before = func(s sitetest.Step) error {
		if s == sitetest.Success {
			return stop
		}
		return nil
	}
	if _, err := p.Download(t.Context(), p.base); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if p.queue.left() != 3 {
		t.Fatalf("%d orders wait, want 3", p.queue.left())
	}
	p.Before = nil
	if err := p.Login(t.Context(), "sale"); err != nil {
		t.Fatal(err)
	}
	answer, err := p.Get(t.Context(), "sale", "success", nil)
	if err != nil || !strings.HasPrefix(string(answer), "failure") || p.queue.left() != 3 {
		t.Errorf("success without a query: %q, %v, %d orders wait", answer, err, p.queue.left())
	}
	if n, err := p.Download(t.Context(), p.base); n != 3 || err != nil || p.queue.left() != 0 {
		t.Errorf("%d orders, %v", n, err)
	}
}

// A second session that only logs in does not disturb the first. When it has queried, the success of the first
// confirms nothing: the second one has the orders now.
func TestSecondSession(t *testing.T) {
	for _, asks := range []bool{false, true} {
		p := start(t, newMemory(3))
		first := *p.Client
		if err := first.Login(t.Context(), "sale"); err != nil {
			t.Fatal(err)
		}
		if _, err := first.Get(t.Context(), "sale", "query", nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Login(t.Context(), "sale"); err != nil {
			t.Fatal(err)
		}
		left := 0
		if asks {
			left = 3
			if _, err := p.Get(t.Context(), "sale", "query", nil); err != nil {
				t.Fatal(err)
			}
		}
		answer, err := first.Get(t.Context(), "sale", "success", nil)
		if err != nil || string(answer) != "success" || p.queue.left() != left {
			t.Errorf("%v: %q, %v, and %d orders wait", asks, answer, err, p.queue.left())
		}
	}
}

// Queries one upon another in one session prove nothing; half a minute apart each counts.
func TestImpatientQueries(t *testing.T) {
	p := start(t, newMemory(1))
	if err := p.Login(t.Context(), "sale"); err != nil {
		t.Fatal(err)
	}
	ask := func(times int, apart time.Duration) {
		for range times {
			if _, err := p.Get(t.Context(), "sale", "query", nil); err != nil {
				t.Fatal(err)
			}
			p.pass(apart)
		}
	}
	ask(30, time.Second/2)
	if len(p.queue.refused) != 0 || p.queue.left() != 1 {
		t.Fatalf("refused %v", p.queue.refused)
	}
	ask(7, time.Minute/2)
	if len(p.queue.refused) != 1 {
		t.Errorf("refused %v after seven failures", p.queue.refused)
	}
}

// One bad order among sixty is found, and the others get through meanwhile.
func TestCulprit(t *testing.T) {
	for _, bad := range []string{"000001", "000025", "000050", "000051", "000060"} {
		p := start(t, newMemory(60))
		p.base.Refuse = func(d *sitetest.Document) bool { return d.Number == bad }
		queries := p.all(t, 36)
		if len(p.queue.refused) != 1 || p.queue.refused[bad] == "" || len(p.base.Documents) != 59 {
			t.Errorf("bad %s: refused %v, %d documents", bad, p.queue.refused, len(p.base.Documents))
		}
		t.Logf("bad %s: %d queries", bad, queries)
	}
}

// New orders pass while a culprit is looked for.
func TestNewOrdersPass(t *testing.T) {
	p := start(t, newMemory(50))
	p.base.Refuse = func(d *sitetest.Document) bool { return d.Number == "000007" }
	for range 2 {
		_, _ = p.Download(t.Context(), p.base)
	}
	p.queue.put("999999", 1)
	for range 2 {
		_, _ = p.Download(t.Context(), p.base)
	}
	if p.base.Documents["999999"] == nil {
		t.Error("the new order waits for the old ones")
	}
}

// A culprit that is cured, or changed, comes through.
func TestCured(t *testing.T) {
	p := start(t, newMemory(10))
	sick := true
	p.base.Refuse = func(d *sitetest.Document) bool { return sick && d.Number == "000003" }
	for range 8 {
		_, _ = p.Download(t.Context(), p.base)
	}
	sick = false
	p.all(t, 10)
	if len(p.queue.refused) != 0 || len(p.base.Documents) != 10 {
		t.Errorf("refused %v, %d documents", p.queue.refused, len(p.base.Documents))
	}
}

func TestUnwritable(t *testing.T) {
	m := newMemory(5)
	m.put("unwritable", 1)
	p := start(t, m)
	p.all(t, 2)
	if len(p.base.Documents) != 5 || m.refused["unwritable"] != "a field has no value" {
		t.Errorf("%d documents, refused %v", len(p.base.Documents), m.refused)
	}
}

// Sessions that are cut anywhere, several culprits, new revisions and new orders at any time: in the end
// 1C's base has every order under its number, and only culprits are refused.
func TestSessionsCutAnywhere(t *testing.T) {
	p := start(t, newMemory(0))
	rapid.Check(t, func(r *rapid.T) {
		m := newMemory(rapid.IntRange(0, 80).Draw(r, "orders"))
		*p.queue = memory{waiting: slices.Clone(m.waiting), refused: map[string]string{}}
		p.base.Documents = nil
		bad := rapid.SliceOfNDistinct(rapid.IntRange(0, 79), 0, 3, rapid.ID).Draw(r, "bad")
		culprit := func(number string) bool {
			return slices.ContainsFunc(bad, func(i int) bool { return i < len(m.waiting) && m.waiting[i].Number == number })
		}
		p.base.Refuse = func(d *sitetest.Document) bool { return culprit(d.Number) }
		cut := errors.New("cut")
		step, at := 0, -1
		count := func(sitetest.Step) error {
			if step++; step == at {
				return cut
			}
			return nil
		}
		p.Before, p.After = count, count
		total := len(m.waiting)
		for i := range rapid.IntRange(0, 12).Draw(r, "sessions") {
			step, at = 0, rapid.IntRange(0, 9).Draw(r, "cut")
			_, _ = p.Download(t.Context(), p.base)
			if total > 0 && rapid.Bool().Draw(r, "again") {
				p.queue.put(m.waiting[rapid.IntRange(0, total-1).Draw(r, "which")].Number, i+2)
			}
		}
		p.Before, p.After = nil, nil
		p.all(t, 400)
		for _, w := range m.waiting {
			loaded, refused := p.base.Documents[w.Number] != nil, p.queue.refused[w.Number] != ""
			if loaded == culprit(w.Number) || refused && !culprit(w.Number) {
				r.Fatalf("order %s: loaded %v, refused %v", w.Number, loaded, refused)
			}
		}
	})
}
