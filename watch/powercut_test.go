package watch

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// powerCuts is how many scenes are played, fewer under the race detector; OBMEN_POWER_CUTS plays more of them.
const (
	powerCuts      = 150
	powerCutsRaced = 30
)

// The whole pipeline on a disk that loses its power, at any operation and up to three times in a row,
// while 1C takes files and answers: nothing half-written is visible, no order is lost or doubled, no
// answer is lost, everything dropped is in one place, and nothing stray is left. The ledger is a real
// one, as it was on its disk at the instant of the cut: it syncs every commit.
func TestPowerCuts(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("OBMEN_POWER_CUTS"))
	if err != nil {
		if n = powerCuts; raced {
			n = powerCutsRaced
		}
	}
	stage := newStage(t)
	var cuts, taken int
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	for seed := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			s := stage.scene(uint64(seed))
			s.play()
			mu.Lock()
			defer mu.Unlock()
			cuts += s.cuts
			taken += len(s.taken)
		})
	}
	all.Wait()
	if cuts < n || taken < n/2 {
		t.Errorf("%d power cuts and %d files taken in %d scenes: the test tests little", cuts, taken, n)
	}
	t.Logf("%d scenes, %d power cuts, %d sets taken by 1C", n, cuts, taken)
	for _, dir := range []string{"inbox", "outbox", "archive", "quarantine", "ack"} {
		if got, err := os.ReadDir(filepath.Join(stage.dir, dir)); err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v got past the disk of the test", dir, got, err)
		}
	}
}

// stage is what all scenes have in common. Its folders are there for questions to the system alone.
type stage struct {
	t       *testing.T
	dir     string
	layouts []*layout.Layout
	before  *catalog.Snapshot // without the product that one order waits for
	after   *catalog.Snapshot
	empty   []byte // a new ledger
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, dir: t.TempDir()}
	for _, name := range []string{"commerceml", "sheet"} {
		l, err := layout.Compile(templates.FS, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.layouts = append(s.layouts, l)
	}
	load := func(products string) *catalog.Snapshot {
		c, err := catalog.Load(fstest.MapFS{"products.csv": &fstest.MapFile{Data: []byte(products)}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	s.before, s.after = load("sku;name\nA;Thing\n"), load("sku;name\nA;Thing\nB;Other\n")
	for _, name := range []string{"inbox", "outbox", "archive", "quarantine", "ack"} {
		if err := os.Mkdir(filepath.Join(s.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(s.dir, "ledger.db")
	book, err := ledger.Open(t.Context(), path, ledger.Options{})
	if err == nil {
		err = book.Close()
	}
	if err == nil {
		s.empty, err = os.ReadFile(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scene is one story with its own disk, ledger and 1C.
type scene struct {
	*stage
	seed    uint64
	r       *rand.Rand
	state   string
	route   inbox.Route
	disk    *powerDisk
	ledger  [2][]byte // the file and its log
	catalog *catalog.Snapshot

	dropped map[string]int    // contents, and how often
	shown   map[string]string // every name that was ever visible in the outbox, and its SHA-256
	numbers map[string]string // of orders that were ever visible: the shop's by 1C's, and 1C's by the shop's
	orders  map[string]map[string]bool
	taken   map[string]bool // stems that 1C has taken
	acked   map[string]bool
	cuts    int
	quiet   bool
}

func (st *stage) scene(seed uint64) *scene {
	s := &scene{
		stage: st, seed: seed, r: rand.New(rand.NewPCG(seed, 1)), state: filepath.Join(st.dir, fmt.Sprintf("state-%d", seed)),
		catalog: st.before, dropped: map[string]int{}, shown: map[string]string{}, numbers: map[string]string{}, orders: map[string]map[string]bool{},
		taken: map[string]bool{}, acked: map[string]bool{},
	}
	in := func(name string) string { return filepath.Join(st.dir, name) }
	s.route = inbox.Route{Name: "main", Places: inbox.Places{Inbox: in("inbox"), Outbox: in("outbox"), Archive: in("archive"), Quarantine: in("quarantine"), Ack: in("ack")}, Settle: time.Millisecond}
	if s.r.IntN(3) > 0 {
		s.route.Done = ".done" // no time to settle, and one more thing to lose
	}
	if s.r.IntN(4) == 0 {
		s.route.Ready = ".ready"
	}
	names := map[string]*inode{}
	for _, dir := range []string{st.dir, s.state, s.route.Inbox, s.route.Outbox, s.route.Archive, s.route.Quarantine, s.route.Ack} {
		names[dir] = &inode{dir: true, id: uint64(len(names))}
	}
	s.disk = newPowerDisk(names)
	s.ledger[0] = st.empty
	return s
}

func (s *scene) errorf(format string, args ...any) {
	s.t.Errorf("seed %d: %s", s.seed, fmt.Sprintf(format, args...))
}

// put drops a file as a producer does that makes it durable.
func (s *scene) put(name, text string) {
	s.dropped[text]++
	s.disk.lasting(filepath.Join(s.route.Inbox, name), &inode{bytes: []byte(text)})
	if s.route.Done != "" {
		s.disk.lasting(filepath.Join(s.route.Inbox, name+s.route.Done), &inode{})
	}
}

// play drops files, lets the power go up to three times, and looks at what is there in the end.
func (s *scene) play() {
	const half = `{"payload":{"Orders":[{"AmazonOrderId":"302-0000001-0000001","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	const items = `{"payload":{"AmazonOrderId":"302-0000001-0000001","OrderItems":[{"ASIN":"B0TEST0001","SellerSKU":"A","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	s.put("a.json", shopFile(1, "02", "A", "5.00"))
	s.put("b.json", shopFile(2, "02", "B", "5.00"))
	s.put("c.json", shopFile(1, "03", "A", "6.00"))
	s.put("d.json", shopFile(1, "02", "A", "5.00"))
	s.put("e.txt", "nothing")
	s.put("f.json", half)
	s.put("g.json", items)
	for range 1 + s.r.IntN(3) {
		if !s.run(1 + s.r.IntN(220)) {
			break
		}
		s.visit()
	}
	s.run(0)
	s.visit()
	s.put("h.json", strings.Replace(shopFile(1, "05", "A", "6.00"), `"created_at"`, `"cancelled_at":"2026-11-05T10:00:00Z","created_at"`, 1))
	s.catalog = s.after
	s.run(1 + s.r.IntN(120))
	s.run(0)
	s.visit()
	s.quiet = true // 1C has said its last word
	s.run(0)
	s.check()
}

// run is one life of the program, with a power cut at an operation or without. It reports whether it was cut.
func (s *scene) run(cutAt int) bool {
	s.store()
	d := s.disk
	d.ops, d.cutAt, d.before, d.links = 0, cutAt, s.r.IntN(2) == 0, s.r.IntN(4) == 0
	d.shown, d.onCut = s.look, s.keepLedger
	d.each = func() {
		if !s.quiet && s.r.IntN(40) == 0 {
			s.take()
		}
	}
	if !s.life(s.layouts, nil) {
		return false
	}
	if s.r.IntN(3) == 0 { // killed: the disk is as it was, and may still lose what is not durable
		d.dead = false
		return true
	}
	s.cuts++
	s.disk = d.afterCut(s.r)
	for _, name := range s.disk.below(s.route.Outbox) {
		if n := s.disk.names[filepath.Join(s.route.Outbox, name)]; !n.dir && name != folder.Marker && digest(n.bytes) != s.shown[name] {
			s.errorf("%s holds %d bytes after a power cut, and they are not its own", name, len(n.bytes))
		}
	}
	return true
}

// life runs a watcher on the scene's disk until nothing is left to do, or until the power goes. It reports whether
// it went.
func (s *scene) life(layouts []*layout.Layout, report func(Event)) (cut bool) {
	book, err := ledger.Open(s.t.Context(), filepath.Join(s.state, "ledger.db"), ledger.Options{})
	if err != nil {
		s.errorf("the ledger after a power cut: %v", err)
		return false
	}
	w := &Watcher{
		Disk: Disk{State: s.state, Free: 1, FS: s.disk}, Routes: []inbox.Route{s.route}, Ledger: book, Layouts: layouts, Hooks: Hooks{
			Report:  report,
			Catalog: func() (*catalog.Snapshot, error) { return s.catalog, nil },
			Now:     func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		},
	}
	err = w.Run(context.Background(), true)
	if closed := book.Close(); closed != nil {
		s.errorf("close the ledger: %v", closed)
	}
	if s.disk.dead {
		return true
	}
	if err != nil {
		s.errorf("a run without a power cut: %v", err)
	}
	s.keepLedger()
	return false
}

// store puts the ledger where the next life finds it.
func (s *scene) store() {
	if err := os.RemoveAll(s.state); err != nil {
		s.errorf("%v", err)
	}
	if err := os.Mkdir(s.state, 0o700); err != nil {
		s.errorf("%v", err)
	}
	for i, name := range []string{"ledger.db", "ledger.db-wal"} {
		if s.ledger[i] == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(s.state, name), s.ledger[i], 0o600); err != nil {
			s.errorf("%v", err)
		}
	}
}

// keepLedger copies the ledger as it is now: nobody writes to it, for the route's only worker is in an
// operation of the disk.
func (s *scene) keepLedger() {
	for i, name := range []string{"ledger.db", "ledger.db-wal"} {
		text, err := os.ReadFile(filepath.Join(s.state, name))
		if err != nil {
			text = nil // no log
		}
		s.ledger[i] = text
	}
}

// look is a reader who opens every file of the outbox at the instant that it gets its name.
func (s *scene) look(path string, text []byte) {
	if filepath.Dir(path) != s.route.Outbox {
		return
	}
	name := filepath.Base(path)
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	switch filepath.Ext(name) {
	case ".xml":
		for _, order := range s.read(name, text) {
			if s.orders[order] == nil {
				s.orders[order] = map[string]bool{}
			}
			s.orders[order][stem] = true
		}
		if s.shown[stem+".xlsx"] == "" {
			s.errorf("%s is there before its workbook", name)
		}
	case ".xlsx":
		if _, err := zip.NewReader(bytes.NewReader(text), int64(len(text))); err != nil {
			s.errorf("%s: %v", name, err)
		}
	}
	if old := s.shown[name]; old != "" && old != digest(text) {
		s.errorf("%s stands for two contents", name)
	}
	s.shown[name] = digest(text)
}

// read gives the orders of an exchange file with what tells their revisions apart.
func (s *scene) read(name string, text []byte) (orders []string) {
	var file struct {
		Documents []struct {
			Number string `xml:"Номер"`
			Sum    string `xml:"Сумма"`
			Values []struct {
				Name  string `xml:"Наименование"`
				Value string `xml:"Значение"`
			} `xml:"ЗначенияРеквизитов>ЗначениеРеквизита"`
		} `xml:"Документ"`
	}
	if err := xml.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &file); err != nil {
		s.errorf("%s: %v", name, err)
	}
	for _, d := range file.Documents {
		shop, cancelled := "", ""
		for _, v := range d.Values {
			switch {
			case v.Name == "Номер заказа на сайте":
				shop = v.Value
			case v.Name == "Отменен" && v.Value == "true":
				cancelled = " cancelled"
			}
		}
		if was := s.numbers[d.Number]; was != "" && was != shop || s.numbers[shop] != "" && s.numbers[shop] != d.Number {
			s.errorf("%s: order %s has the number %s, which is %s's; before it had %s", name, shop, d.Number, was, s.numbers[shop])
		}
		s.numbers[d.Number], s.numbers[shop] = shop, d.Number
		order := shop + " " + d.Sum + cancelled
		orders = append(orders, order)
	}
	return orders
}

// take is 1C that takes one set out of the outbox, and may answer at once.
func (s *scene) take() {
	for _, name := range s.disk.below(s.route.Outbox) {
		stem, isXML := strings.CutSuffix(name, ".xml")
		if !isXML {
			continue
		}
		s.taken[stem] = true
		for _, ext := range []string{".xml", ".xlsx", ".xml.ready"} {
			_ = s.disk.remove(filepath.Join(s.route.Outbox, stem+ext)) // not every set has all
		}
		if s.r.IntN(2) == 0 {
			s.acked[stem] = true
			s.disk.lasting(filepath.Join(s.route.Ack, stem+".ok"), &inode{})
		}
		return
	}
}

// visit is 1C between two lives of the program.
func (s *scene) visit() {
	for range s.r.IntN(3) {
		s.take()
	}
}

// check holds the invariants of facts, filedrop 7.
func (s *scene) check() {
	want := []string{"1 5.00", "1 6.00", "1 6.00 cancelled", "2 5.00", "302-0000001-0000001 5.00"}
	var got []string
	for order, stems := range s.orders {
		got = append(got, order)
		if len(stems) != 1 {
			s.errorf("order %s is in %d sets", order, len(stems))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.errorf("orders %q, want %q", got, want)
	}
	s.checkFiles()
	s.checkLedger()
}

// checkFiles finds every dropped file in one place, and nothing that is left over.
func (s *scene) checkFiles() {
	places := map[string]int{}
	for path, n := range s.disk.names {
		rel, err := filepath.Rel(s.dir, path)
		if err != nil || n.dir {
			continue
		}
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if _, dropped := s.dropped[string(n.bytes)]; dropped && top != filepath.Base(s.state) {
			places[string(n.bytes)]++
		}
		stray := filepath.Ext(path) == ".tmp" || filepath.Ext(path) == ".receipt" || strings.Contains(rel, ".obmen-claim") || top == "ack"
		if stray || top == "inbox" && filepath.Base(path) != folder.Marker {
			s.errorf("%s is left over", rel)
		}
	}
	for text, n := range s.dropped {
		if places[text] != n {
			s.errorf("%d of %d are there of %.60s", places[text], n, text)
		}
	}
}

// checkLedger compares the ledger with what 1C did.
func (s *scene) checkLedger() {
	book, err := ledger.Open(s.t.Context(), filepath.Join(s.state, "ledger.db"), ledger.Options{})
	if err != nil {
		s.errorf("%v", err)
		return
	}
	defer book.Close()
	stats, err := book.Stats(s.t.Context())
	if err != nil || stats.Running != 0 || stats.Sets[ledger.Planned] != 0 || len(stats.Holds) != 0 {
		s.errorf("the ledger is not at rest: %+v, %v", stats, err)
	}
	sets, err := book.Sets(s.t.Context(), ledger.SetFilter{})
	if err != nil {
		s.errorf("%v", err)
	}
	for _, set := range sets {
		if s.acked[set.Stem] && set.State != ledger.Loaded {
			s.errorf("the answer to %s is lost: it is %s", set.Stem, set.State)
		}
		if _, there := s.disk.names[filepath.Join(s.route.Outbox, set.Stem+".xml")]; !there && !s.taken[set.Stem] {
			s.errorf("%s is neither in the outbox nor in 1C", set.Stem)
		}
	}
}

func digest(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

var _ drop.FS = (*powerDisk)(nil)

var _ fs.FileInfo = nodeInfo{}
