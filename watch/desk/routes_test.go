package desk

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// Routes of several shops, with folders of their own or shared ones, and whatever a person does with them, in any
// order: each order that was dropped goes out once, under the account of the route that it was dropped on.
func TestEachOrderOnceUnderItsAccount(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("6"); err != nil { // each is a history of many runs of the watcher
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := newShops(t)
		defer s.close()
		t.Repeat(map[string]func(*rapid.T){
			"drop":    s.drop,
			"work":    func(*rapid.T) { s.work() },
			"requeue": s.requeue,
			"retry":   s.retry,
			"cure":    func(*rapid.T) { s.cured = true; s.work() },
			"rebuild": func(*rapid.T) { s.rebuild() },
		})
		s.cured = true
		s.work()
		s.work() // what the first one cured
		if got := s.exported(); !slices.Equal(got, s.wanted()) {
			t.Fatalf("exported %q\nwanted   %q", got, s.wanted())
		}
	})
}

// shops are routes of several accounts, and what was dropped on them.
type shops struct {
	t       *rapid.T
	dir     string
	desk    *Desk
	layouts []*layout.Layout
	cured   bool // the catalog has both products
	files   int
	dropped map[string]bool // "account number"
}

func newShops(t *rapid.T) *shops {
	dir, err := os.MkdirTemp("", "shops")
	xml, err2 := layout.Compile(templates.FS, "commerceml", nil)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	s := &shops{t: t, dir: dir, layouts: []*layout.Layout{xml}, dropped: map[string]bool{}}
	s.desk = &Desk{
		State: s.folder("state"), Lookups: Lookups{
			Catalog:    s.catalog,
			Encryption: func() (*store.Encryption, error) { return nil, nil },
			Command:    func(name string, args ...string) string { return name + " " + strings.Join(args, " ") },
		}, Settings: "obmen.toml",
	}
	own := func(kind, name, account string) string {
		if rapid.Bool().Draw(t, name+" of its own") {
			return s.folder(name + "-" + account)
		}
		return s.folder(kind)
	}
	for _, account := range []string{"one", "two", "three"}[:rapid.IntRange(2, 3).Draw(t, "routes")] {
		s.desk.Routes = append(s.desk.Routes, inbox.Route{
			Name: "route-" + account, Account: account, Lists: "-" + account,
			Places: inbox.Places{
				Inbox: s.folder("inbox-" + account), Outbox: own("outbox", "outbox", account), Archive: own("archive", "archive", account),
				Quarantine: own("quarantine", "quarantine", account),
			}, Settle: time.Millisecond, Patience: time.Millisecond,
		})
	}
	s.open()
	return s
}

func (s *shops) folder(name string) string {
	path := filepath.Join(s.dir, name)
	s.check(os.MkdirAll(path, 0o777))
	return path
}

func (s *shops) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shops) open() {
	book, err := OpenLedger(context.Background(), s.desk.State, s.desk.Routes, false)
	s.check(err)
	s.use(book)
}

// use goes on with a ledger, as a starting watcher does.
func (s *shops) use(book *ledger.Ledger) {
	s.check(book.LogNumbers(context.Background(), s.desk.State, s.desk.Routes[0].Archive))
	s.desk.Ledger = book
}

func (s *shops) close() {
	s.check(errors.Join(s.desk.Ledger.Close(), os.RemoveAll(s.dir)))
}

func (s *shops) catalog() (*catalog.Snapshot, error) {
	dir, err := os.MkdirTemp(s.dir, "catalog")
	s.check(err)
	text := "sku;name\nA;Thing\n"
	if s.cured {
		text += "B;Other thing\n"
	}
	s.check(os.WriteFile(filepath.Join(dir, "products.csv"), []byte(text), 0o666))
	return catalog.Load(os.DirFS(dir))
}

// work lets a watcher do all there is to do.
func (s *shops) work() {
	w := &watch.Watcher{
		Disk: watch.Disk{State: s.desk.State, Free: 1}, Timing: watch.Timing{Poll: time.Millisecond}, Layouts: s.layouts, Hooks: watch.Hooks{
			Catalog: s.catalog,
			Now:     time.Now, Report: func(watch.Event) {},
		}, Ledger: s.desk.Ledger, Routes: s.desk.Routes,
	}
	s.check(w.Run(context.Background(), true))
}

// drop puts an order on a route: some of them again, some unknown to the catalog, some with the bytes of another
// route's.
func (s *shops) drop(t *rapid.T) {
	r := rapid.SampledFrom(s.desk.Routes).Draw(t, "route")
	number := rapid.IntRange(1, 4).Draw(t, "number")
	sku := "A"
	if number > 2 {
		sku = "B"
	}
	blank := strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "bytes"))
	s.files++
	text := fmt.Sprintf(`{"orders":%s[{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-02T10:00:00Z","line_items":[{"sku":%q,"quantity":1,"price":"5.00"}]}]}`, blank, number, sku)
	s.check(os.WriteFile(filepath.Join(r.Inbox, fmt.Sprintf("%d.json", s.files)), []byte(text), 0o666))
	s.dropped[fmt.Sprint(r.Account, " ", number)] = true
}

// requeue puts back any file that was put aside. Where its route is not known, a person names the right one.
func (s *shops) requeue(t *rapid.T) {
	var aside []string
	for _, r := range s.desk.Routes {
		for _, dir := range []string{r.Archive, r.Quarantine} {
			found, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
			s.check(err)
			aside = append(aside, found...)
		}
	}
	aside = slices.DeleteFunc(aside, func(path string) bool { return strings.HasPrefix(filepath.Base(path), ".") })
	if len(aside) == 0 {
		return
	}
	file := rapid.SampledFrom(aside).Draw(t, "file")
	_, err := s.desk.Requeue(context.Background(), file, "")
	if unknown, ok := errors.AsType[*watch.RouteError](err); ok { // its bytes came through several routes
		if len(unknown.Routes) < 2 {
			s.t.Fatalf("%v: only %q can be meant", err, unknown.Routes)
		}
		return
	}
	s.check(err)
}

func (s *shops) retry(*rapid.T) {
	_, err := s.desk.Retry(context.Background(), nil)
	s.check(err)
}

// rebuild loses the ledger and makes it anew from what lies in the folders.
func (s *shops) rebuild() {
	s.check(s.desk.Ledger.Close())
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(s.desk.State, LedgerFile+suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.t.Fatal(err)
		}
	}
	_, err := s.desk.Rebuild(context.Background(), s.layouts)
	s.check(err)
	book, err := ledger.Open(context.Background(), filepath.Join(s.desk.State, LedgerFile), ledger.Options{})
	s.check(err)
	s.use(book)
}

var shownNumber = regexp.MustCompile(`(?s)<Наименование>Номер заказа на сайте</Наименование>\s*<Значение>(\d+)</Значение>`)

// exported lists what lies in the outboxes: each order as often as it went out, by the account in the file's name.
func (s *shops) exported() (list []string) {
	seen := map[string]bool{}
	for _, r := range s.desk.Routes {
		paths, err := filepath.Glob(filepath.Join(r.Outbox, "*.xml"))
		s.check(err)
		for _, path := range paths {
			if seen[path] { // the outbox is shared
				continue
			}
			seen[path] = true
			text, err := os.ReadFile(path)
			s.check(err)
			account, _, _ := strings.Cut(filepath.Base(path), "-")
			for _, m := range shownNumber.FindAllSubmatch(text, -1) {
				list = append(list, account+" "+string(m[1]))
			}
		}
	}
	slices.Sort(list)
	return list
}

func (s *shops) wanted() (list []string) {
	for order := range s.dropped {
		list = append(list, order)
	}
	slices.Sort(list)
	return list
}
