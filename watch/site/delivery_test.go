package site_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/convert/money"
	"obmen/templates"
	"obmen/watch/ledger"
	"obmen/watch/site"
	"obmen/watch/site/sitetest"
)

var now = time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)

// book is a ledger with orders for 1C to fetch.
type book struct {
	*ledger.Ledger
	path string
	n    int
}

func newBook(t testing.TB) *book {
	t.Helper()
	b := &book{path: filepath.Join(t.TempDir(), "ledger.db")}
	b.open(t)
	return b
}

func (b *book) open(t testing.TB) {
	t.Helper()
	var err error
	if b.Ledger, err = ledger.Open(t.Context(), b.path, ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
}

// sale is an order of 10.00.
func sale(account, number string, cancelled bool) document.Document {
	ten := money.MustParse("10")
	return document.Document{
		Identity: document.Identity{ID: "id-" + account + number, Number: number}, Sale: document.Sale{Account: account}, Dates: document.Dates{Date: now, Updated: now}, Amounts: document.Amounts{
			Currency: "RUB", Rate: money.One, Nominal: money.One,
			Total: ten,
		}, Stage: document.Stage{Cancelled: cancelled}, Customer: document.Customer{ID: "c", Name: "Покупатель"},
		Lines: []document.Line{{Number: 1, Kind: "goods", Product: document.Product{SKU: "AB", Name: "Кружка", Unit: "шт"}, LineAmounts: document.LineAmounts{Quantity: money.One, Price: ten, Amount: ten}}},
	}
}

// export plans and publishes a set of orders.
func (b *book) export(t testing.TB, account string, docs ...document.Document) {
	t.Helper()
	b.n++
	stem := fmt.Sprintf("set-%06d", b.n)
	s := ledger.Set{Stem: stem, Route: "r", Account: account, Created: now, Outputs: []ledger.Output{{Name: ledger.SiteExchange(account), Layout: "commerceml"}}}
	r := ledger.Result{At: now}
	for i := range docs {
		text, err := json.Marshal(&docs[i])
		if err != nil {
			t.Fatal(err)
		}
		key := ledger.Key{Scope: account, Order: docs[i].Number}
		sum := sha256.Sum256(append(text, stem...))
		revision := ledger.Revision{Updated: now.Add(time.Duration(b.n) * time.Minute), Fingerprint: [16]byte(sum[:16])}
		s.Orders = append(s.Orders, ledger.Member{Key: key, Revision: revision})
		s.Queued = append(s.Queued, ledger.QueuedDocument{Exchange: ledger.SiteExchange(account), Key: key, Document: text})
		r.Orders = append(r.Orders, ledger.Order{Key: key, Revision: revision, Account: account, Document: docs[i].ID, Facts: text, Set: stem})
	}
	r.Sets = []ledger.Set{s}
	sum := sha256.Sum256([]byte(stem))
	w, err := b.Begin(t.Context(), ledger.File{Route: "r", SHA256: hex.EncodeToString(sum[:]), Name: stem, Seen: now})
	if err == nil {
		if err = w.Plan(t.Context(), r.Sets); err == nil {
			err = w.Finish(t.Context(), r)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// exportMany exports orders of numbers from first on.
func (b *book) exportMany(t testing.TB, account string, first, n int) {
	t.Helper()
	var docs []document.Document
	for i := range n {
		docs = append(docs, sale(account, fmt.Sprintf("302-%07d", first+i), false))
	}
	b.export(t, account, docs...)
}

func delivery(t testing.TB, b *book, events *[]site.Event) *site.Delivery {
	t.Helper()
	l, err := layout.Compile(templates.FS, "commerceml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return &site.Delivery{
		Ledger: b.Ledger, Layout: func() *layout.Layout { return l }, Now: func() time.Time { return now },
		Decode: func(kept []byte) *document.Document {
			d := new(document.Document)
			if json.Unmarshal(kept, d) != nil {
				return nil
			}
			return d
		},
		Accounts: func(user string) []string {
			if user == "other" {
				return []string{"south"}
			}
			return []string{"north", "east"}
		},
		Report: func(e site.Event) { *events = append(*events, e) },
	}
}

// on lets the peer's server answer from a ledger.
func (p *peer) on(d *site.Delivery) { p.server.Queue, p.server.Answers = d, d }

func TestDelivery(t *testing.T) {
	b, p := newBook(t), start(t, newMemory(0))
	var events []site.Event
	p.on(delivery(t, b, &events))
	for _, account := range []string{"north", "south", "east"} {
		b.exportMany(t, account, 1, 3)
	}
	b.export(t, "north", sale("north", "302-0000002", true))
	n, err := p.Download(t.Context(), p.base)
	if err != nil || n != 6 {
		t.Fatal(n, err)
	}
	if n, err := p.Download(t.Context(), p.base); n != 0 || err != nil {
		t.Fatalf("twice: %d, %v", n, err)
	}
	if got := strings.Join(p.base.Numbers(), " "); got != "000001 000002 000003 000004 000005 000006" || len(p.base.Doubled()) > 0 {
		t.Errorf("1C has %s", got)
	}
	p.User = "other"
	if n, err := p.Download(t.Context(), p.base); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	p.User = "1c"
	b.export(t, "east", sale("east", "302-0000001", true)) // changed: once more under its number
	if n, err := p.Download(t.Context(), p.base); n != 1 || err != nil || len(p.base.Documents) != 9 {
		t.Errorf("%d, %v, %d documents", n, err, len(p.base.Documents))
	}
	for _, stem := range []string{"set-000001", "set-000004", "set-000005"} {
		sets, err := b.Sets(t.Context(), ledger.SetFilter{Stem: stem})
		if err != nil || sets[0].State != ledger.Loaded {
			t.Errorf("%+v, %v", sets, err)
		}
	}
}

func TestDeliveryOfCulprit(t *testing.T) {
	b, p := newBook(t), start(t, newMemory(0))
	var events []site.Event
	p.on(delivery(t, b, &events))
	b.exportMany(t, "north", 1, 60)
	p.base.Refuse = func(d *sitetest.Document) bool { return d.ID == "id-north302-0000017" }
	for range 30 {
		_, _ = p.Download(t.Context(), p.base)
	}
	holds, err := b.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(holds) != 1 || holds[0].Order != "302-0000017" || holds[0].Code != ledger.RefusedBy1C || !strings.Contains(holds[0].Cure, "obmen replay 302-0000017") {
		t.Errorf("%+v, %v", holds, err)
	}
	if len(p.base.Documents) != 59 || len(p.base.Doubled()) > 0 {
		t.Errorf("%d documents", len(p.base.Documents))
	}
	p.base.Refuse = nil
	b.export(t, "north", sale("north", "302-0000017", false))
	if n, err := p.Download(t.Context(), p.base); n != 1 || err != nil {
		t.Error(n, err)
	}
	if holds, err = b.Holds(t.Context(), ledger.HoldFilter{}); err != nil || len(holds) != 0 {
		t.Errorf("%+v, %v", holds, err)
	}
}

func TestDeliveryAnswers(t *testing.T) {
	b, p := newBook(t), start(t, newMemory(0))
	var events []site.Event
	p.on(delivery(t, b, &events))
	b.exportMany(t, "north", 1, 2)
	b.exportMany(t, "south", 1, 1)
	for _, user := range []string{"1c", "other"} {
		p.User = user
		if _, err := p.Download(t.Context(), p.base); err != nil {
			t.Fatal(err)
		}
	}
	p.User = "1c"
	if err := p.Upload(t.Context(), "sale", "orders.xml", answersFile(4), true); err != nil {
		t.Fatal(err)
	}
	sets, err := b.Sets(t.Context(), ledger.SetFilter{Stem: "set-000001"})
	if err != nil || sets[0].Orders[0].Number1C != "СА-000001" || sets[0].State != ledger.Loaded {
		t.Errorf("%+v, %v", sets, err)
	}
	unknown := 0
	for _, e := range events {
		if e.Kind == site.Unknown {
			unknown++
		}
	}
	if unknown != 2 { // another user's, and one that never was
		t.Errorf("%+v", events)
	}
	events = nil
	for _, change := range [][2]string{{"RUB", "EUR"}, {"10.00", "11.00"}, {"<Сумма>", "<ПометкаУдаления>true</ПометкаУдаления><Сумма>"}} {
		file := strings.Replace(string(answersFile(1)), change[0], change[1], 1)
		for range 2 {
			if err := p.Upload(t.Context(), "sale", "orders.xml", []byte(file), true); err != nil {
				t.Fatal(err)
			}
		}
	}
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprint(e.Kind, " ", e.Number, " ", e.Err))
	}
	want := `differs 302-0000001 currency "EUR", sent RUB|differs 302-0000001 sum 11.00, sent 10.00|dropped 302-0000001 1C has marked it for deletion`
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if orders, err := b.SiteOrders(t.Context(), ledger.Key{Scope: "north", Order: "302-0000001"}); err != nil || !orders[0].Answer.Deleted {
		t.Errorf("%+v, %v", orders, err)
	}
}

// However many orders wait, an answer takes the memory of one batch.
func TestManyWait(t *testing.T) {
	b, p := newBook(t), start(t, newMemory(0))
	var events []site.Event
	p.on(delivery(t, b, &events))
	taken := func() uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if n, err := p.Download(t.Context(), &sitetest.Base{}); err != nil || n != site.DefaultBatch {
			t.Fatal(n, err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	b.exportMany(t, "north", 0, 200)
	few := max(taken(), taken())
	b.multiply(t, 5000)
	if many := taken(); many > 2*few {
		t.Errorf("with 25 times the orders waiting, a batch takes %d bytes in place of %d", many, few)
	}
}

// multiply lets n more orders wait, behind those that do. Their documents are empty: enough for what waits.
func (b *book) multiply(t testing.TB, n int) {
	t.Helper()
	db, err := sql.Open("sqlite", b.path+"?_pragma=synchronous(OFF)&_pragma=cache_size(-65536)")
	if err == nil {
		_, err = db.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			INSERT INTO letters (set_id, exchange, order_id, scope, document, number, since)
			SELECT set_id, exchange, order_id || '-' || i, scope, x'7b7d', number, since
			FROM n, (SELECT * FROM letters WHERE number = 0 ORDER BY order_id DESC LIMIT 1)`, n)
	}
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
}

func BenchmarkQueryOf100000(b *testing.B) {
	book := newBook(b)
	var events []site.Event
	d := delivery(b, book, &events)
	book.exportMany(b, "north", 0, 200)
	book.multiply(b, 100_000)
	for b.Loop() {
		orders, err := d.Next(b.Context(), "1c", site.Want{Most: site.DefaultBatch})
		if err != nil || len(orders) != site.DefaultBatch {
			b.Fatal(err)
		}
		var file strings.Builder
		if err := d.Write(b.Context(), &file, "1c", orders); err != nil {
			b.Fatal(err)
		}
	}
}
