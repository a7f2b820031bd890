package watch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

func shopFile(number int, updated, sku, price string) string {
	return fmt.Sprintf(`{"orders":[{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"2026-11-%sT10:00:00Z","line_items":[{"sku":%q,"quantity":1,"price":%q}]}]}`, number, updated, sku, price)
}

// place is a watcher with folders and a ledger of its own.
type place struct {
	t       *testing.T
	w       *Watcher
	r       *inbox.Route
	catalog map[string]string

	mu     sync.Mutex
	events []Event
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	folder := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		return path
	}
	p := &place{t: t, catalog: map[string]string{"products.csv": "sku;name\nA;Thing\n"}}
	xml, err := layout.Compile(templates.FS, "commerceml", nil)
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := layout.Compile(templates.FS, "sheet", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.w = &Watcher{
		Disk: Disk{State: folder("state"), Free: 1}, Timing: Timing{Poll: 10 * time.Millisecond}, Layouts: []*layout.Layout{xml, sheet},
		Hooks: Hooks{
			Catalog: p.load,
			Now:     func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
			Report: func(e Event) {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.events = append(p.events, e)
			},
		},
		Routes: []inbox.Route{{
			Name: "main", Places: inbox.Places{Inbox: folder("inbox"), Outbox: folder("outbox"), Archive: folder("archive"), Quarantine: folder("quarantine"), Ack: folder("ack")},
			Settle: 20 * time.Millisecond, Patience: 150 * time.Millisecond,
		}},
	}
	p.r = &p.w.Routes[0]
	p.open()
	return p
}

func (p *place) open() {
	p.t.Helper()
	book, err := ledger.Open(p.t.Context(), filepath.Join(p.w.State, "ledger.db"), ledger.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.w.Ledger = book
	p.t.Cleanup(func() { book.Close() })
}

func (p *place) load() (*catalog.Snapshot, error) {
	dir := p.t.TempDir()
	for name, text := range p.catalog {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return nil, err
		}
	}
	return catalog.Load(os.DirFS(dir))
}

func (p *place) put(dir, name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// once lets the watcher work until nothing is left to do.
func (p *place) once() {
	p.t.Helper()
	if err := p.w.Run(p.t.Context(), true); err != nil {
		p.t.Fatal(err)
	}
}

// told lists the kinds of events since the last call.
func (p *place) told() (kinds []EventKind) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		kinds = append(kinds, e.Kind)
	}
	p.events = nil
	return kinds
}

// names lists the files below a folder, markers aside.
func (p *place) names(dir string) []string {
	p.t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != folder.Marker && !strings.HasPrefix(d.Name(), ".obmen-route") {
			list = append(list, d.Name())
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

// exported gives the text of the newest exchange file, and how many there are.
func (p *place) exported() (text string, n int) {
	p.t.Helper()
	paths, err := filepath.Glob(filepath.Join(p.r.Outbox, "*.xml"))
	if err != nil {
		p.t.Fatal(err)
	}
	var newest time.Time
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			p.t.Fatal(err)
		}
		if !info.ModTime().Before(newest) {
			b, err := os.ReadFile(path)
			if err != nil {
				p.t.Fatal(err)
			}
			newest, text = info.ModTime(), string(b)
		}
	}
	return text, len(paths)
}

func (p *place) expect(what string, got, want []string) {
	p.t.Helper()
	if !slices.Equal(got, want) {
		p.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestOnceTakesEverythingAndEnds(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "bad.txt", "nothing")
	p.put(p.r.Inbox, ".hidden", "x")
	p.once()
	p.expect("inbox", p.names(p.r.Inbox), []string{".hidden"})
	p.expect("archive", p.names(p.r.Archive), []string{"good.json"})
	p.expect("quarantine", p.names(p.r.Quarantine), []string{"bad.txt", "bad.txt.reason.json"})
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files", n)
	}
}

func TestTheSameBytesAreDoneOnce(t *testing.T) {
	p := newPlace(t)
	for _, name := range []string{"one.json", "two.json"} {
		p.put(p.r.Inbox, name, shopFile(1, "02", "A", "5.00"))
		p.once()
	}
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files", n)
	}
	if got := p.told(); !slices.Equal(got, []EventKind{Converted, Repeated}) {
		t.Errorf("told %q", got)
	}
	p.expect("archive", p.names(p.r.Archive), []string{"one.json", "two.json"})
}

func TestRevisions(t *testing.T) {
	p := newPlace(t)
	for _, c := range []struct {
		name, text string
		files      int    // in the outbox afterwards
		want       string // in the newest one
	}{
		{"first", shopFile(1, "02", "A", "5.00"), 1, "<Сумма>5.00</Сумма>"},
		{"the same order in another file", " " + shopFile(1, "02", "A", "5.00"), 1, "<Сумма>5.00</Сумма>"},
		{"changed", shopFile(1, "03", "A", "6.00"), 2, "<Сумма>6.00</Сумма>"},
		{"an older state", shopFile(1, "02", "A", "4.00"), 2, "<Сумма>6.00</Сумма>"},
		{"cancelled", strings.Replace(shopFile(1, "05", "A", "6.00"), `"created_at"`, `"cancelled_at":"2026-11-05T10:00:00Z","created_at"`, 1), 3, "<Наименование>Отменен</Наименование>\r\n\t\t\t\t<Значение>true</Значение>"},
	} {
		time.Sleep(15 * time.Millisecond) // times of files tell the newest
		p.put(p.r.Inbox, "orders.json", c.text)
		p.once()
		text, n := p.exported()
		if n != c.files || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d exchange files, %q missing in %s", c.name, n, c.want, text)
		}
	}
}

// A person pastes the line that the hold shows, saves, and the order goes out by itself.
func TestAHoldCuresItself(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "orders.json", shopFile(1, "02", "B", "5.00"))
	p.once()
	if _, n := p.exported(); n != 0 {
		t.Fatalf("%d exchange files", n)
	}
	p.expect("quarantine", p.names(p.r.Quarantine), []string{inbox.HeldFile})
	holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(holds) != 1 || holds[0].Code != string(convert.UnknownSKU) {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	p.catalog["skus.csv"] = "sku;marketplace;product;quantity;share\n" + strings.Replace(holds[0].Add[0], ";;;1;", ";;A;1;", 1) + "\n"
	p.once()
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files after the cure", n)
	}
	p.expect("quarantine after the cure", p.names(p.r.Quarantine), nil)
}

// A row that does not tell its order is held once for each file it is in, whatever the file is called.
func TestRowsWithoutANumberStayApart(t *testing.T) {
	p := newPlace(t)
	for _, price := range []string{"1.00", "2.00", "1.00"} {
		p.put(p.r.Inbox, "orders.json", `{"orders":[{"created_at":"2026-11-02T10:00:00Z","line_items":[{"sku":"A","quantity":1,"price":"`+price+`"}]}]}`)
		p.once()
	}
	holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(holds) != 2 || holds[0].Order != holds[1].Order || holds[0].SHA256 == holds[1].SHA256 {
		t.Errorf("holds %+v, %v", holds, err)
	}
}

// An order of which the items come in other files, in two pages and in any order.
const (
	splitOrder = `{"payload":{"Orders":[{"AmazonOrderId":"302-0000001-0000001","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"7.00"}}]}}`
	splitFirst = `{"payload":{"AmazonOrderId":"302-0000001-0000001","NextToken":"more","OrderItems":[{"ASIN":"B0TEST0001","SellerSKU":"A","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	splitLast  = `{"payload":{"AmazonOrderId":"302-0000001-0000001","OrderItems":[{"ASIN":"B0TEST0002","SellerSKU":"B","OrderItemId":"2","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"2.00"}}]}}`
)

// dropSplit drops the parts of the order: one at a time, or all at once.
func dropSplit(p *place, files []string, together bool) {
	for i, text := range files {
		p.put(p.r.Inbox, fmt.Sprintf("%d.json", i), text)
		if !together {
			p.once()
		}
	}
	p.once()
}

func TestPartsOfAnOrderMeet(t *testing.T) {
	for name, files := range map[string][]string{
		"order, first, last": {splitOrder, splitFirst, splitLast}, "order, last, first": {splitOrder, splitLast, splitFirst},
		"first, order, last": {splitFirst, splitOrder, splitLast}, "first, last, order": {splitFirst, splitLast, splitOrder},
		"last, order, first": {splitLast, splitOrder, splitFirst}, "last, first, order": {splitLast, splitFirst, splitOrder},
	} {
		for _, together := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " together ", together), func(t *testing.T) {
				p := newPlace(t)
				p.catalog["products.csv"] = "sku;name\nA;Thing\nB;Other\n"
				dropSplit(p, files, together)
				text, n := p.exported()
				if n != 1 || !strings.Contains(text, "<Сумма>7.00</Сумма>") {
					t.Errorf("%d exchange files: %s", n, text)
				}
				holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
				parts, err2 := p.w.Ledger.AllParts(t.Context())
				if err != nil || err2 != nil || len(holds) != 0 || len(parts) != 0 {
					t.Errorf("still held: %v, %+v, %+v, %v, %v", p.told(), holds, parts, err, err2)
				}
			})
		}
	}
}

// An order in parts that a catalog holds up is read in all its parts again when the catalog is mended, and
// when a person asks for it.
func TestPartsOfAnOrderAreCured(t *testing.T) {
	p := newPlace(t)
	dropSplit(p, []string{splitOrder, splitFirst, splitLast}, false)
	holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(holds) != 1 || holds[0].Code != string(convert.UnknownSKU) {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	p.catalog["products.csv"] = "sku;name\nA;Thing\nB;Other\n"
	p.once()
	if text, n := p.exported(); n != 1 || !strings.Contains(text, "<Сумма>7.00</Сумма>") {
		t.Errorf("%d exchange files after the cure: %s", n, text)
	}
	p.expect("quarantine after the cure", p.names(p.r.Quarantine), nil)
}

// A file that ends in the middle may still be growing; when its time is over it is refused.
func TestATruncatedFileHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		p.w.blind = true
		p.w.Poll, p.r.Patience, p.r.Settle = time.Second, time.Minute, 3*time.Second
		whole := shopFile(1, "02", "A", "5.00")
		p.put(p.r.Inbox, "slow.json", whole[:60])
		p.put(p.r.Inbox, "never.json", whole[:50])
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.w.Run(ctx, false) }()
		time.Sleep(p.r.Patience / 2)
		p.expect("quarantine before its time", p.names(p.r.Quarantine), nil)
		p.put(p.r.Inbox, "slow.json", whole)
		time.Sleep(p.r.Patience / 4)
		p.expect("archive", p.names(p.r.Archive), []string{"slow.json"})
		p.expect("quarantine before its time", p.names(p.r.Quarantine), nil)
		time.Sleep(p.r.Patience)
		stop()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		p.expect("quarantine", p.names(p.r.Quarantine), []string{"never.json", "never.json.reason.json"})
	})
}

func TestNothingIsClaimedWithoutCatalogs(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	broken := errors.New("products.csv:2: …")
	p.w.Catalog = func() (*catalog.Snapshot, error) { return nil, broken }
	if err := p.w.Run(t.Context(), true); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	p.expect("inbox", p.names(p.r.Inbox), []string{"good.json"})
}

// An unmounted share looks like an empty folder: nothing may be taken from it or written to it.
func TestAFolderThatIsNotTheOneItWas(t *testing.T) {
	p := newPlace(t)
	p.once()
	if err := os.Remove(filepath.Join(p.r.Outbox, folder.Marker)); err != nil {
		t.Fatal(err)
	}
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	p.told()
	p.once()
	p.expect("inbox", p.names(p.r.Inbox), []string{"good.json"})
	if got := p.told(); !slices.Equal(got, []EventKind{Waiting}) {
		t.Errorf("told %q", got)
	}
}

func TestAFullOutboxPausesClaiming(t *testing.T) {
	p := newPlace(t)
	p.r.Limits.Files = 1
	p.put(p.r.Outbox, "old.xml", "x")
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	p.once()
	p.expect("inbox", p.names(p.r.Inbox), []string{"good.json"})
	if err := os.Remove(filepath.Join(p.r.Outbox, "old.xml")); err != nil {
		t.Fatal(err)
	}
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"good.json"})
}

func TestAnswersOf1C(t *testing.T) {
	for _, c := range []struct{ file, text, order string }{
		{".ok", "", ""},
		{".err", "\ufeffno such warehouse\r\n", ""}, // 1C's own text writer begins with a byte order mark
		{".xml", `<ack><order id="1" result="ok" number="0000-000001"/></ack>`, "1"},
	} {
		p := newPlace(t)
		p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
		p.once()
		sets, err := p.w.Ledger.Sets(t.Context(), ledger.SetFilter{})
		if err != nil || len(sets) != 1 || sets[0].State != ledger.Published {
			t.Fatalf("sets %+v, %v", sets, err)
		}
		p.put(p.r.Ack, sets[0].Stem+c.file, c.text)
		p.once()
		sets, err = p.w.Ledger.Sets(t.Context(), ledger.SetFilter{})
		want := map[bool]ledger.SetState{false: ledger.Loaded, true: ledger.Failed}[c.file == ".err"]
		if err != nil || sets[0].State != want {
			t.Errorf("%s: set is %s, %v", c.file, sets[0].State, err)
		}
		if c.file == ".err" && sets[0].Text != "no such warehouse" {
			t.Errorf("1C's words are %q", sets[0].Text)
		}
		p.expect("ack", p.names(p.r.Ack), nil)
	}
}

func TestWhat1CTakesIsTaken(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "good.json", shopFile(1, "02", "A", "5.00"))
	p.once()
	for _, name := range p.names(p.r.Outbox) {
		if err := os.Remove(filepath.Join(p.r.Outbox, name)); err != nil {
			t.Fatal(err)
		}
	}
	p.once()
	sets, err := p.w.Ledger.Sets(t.Context(), ledger.SetFilter{})
	if err != nil || len(sets) != 1 || sets[0].State != ledger.Taken {
		t.Errorf("sets %+v, %v", sets, err)
	}
}
