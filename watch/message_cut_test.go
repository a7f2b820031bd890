package watch

import (
	"maps"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"obmen/convert/layout"
	"obmen/templates"
	"obmen/watch/ledger"
)

// messageCuts is how many scenes are played.
const messageCuts = 12

// Messages on a disk that loses its power, at any operation, while 1C reads them whenever it likes:
// whatever stands under the message's name is whole, its numbers only grow, and in the end 1C has the
// newest revision of every order and the ledger knows it.
func TestMessagePowerCuts(t *testing.T) {
	stage := newStage(t)
	var mu sync.Mutex
	var all sync.WaitGroup
	var cuts, loads int
	slots := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	for seed := range messageCuts {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			s := newMailScene(stage, uint64(seed))
			s.play()
			mu.Lock()
			defer mu.Unlock()
			cuts, loads = cuts+s.cuts, loads+s.loads
		})
	}
	all.Wait()
	t.Logf("%d scenes, %d power cuts, %d messages loaded by 1C", messageCuts, cuts, loads)
	if cuts < messageCuts || loads < 2*messageCuts {
		t.Error("the test tests little")
	}
}

// mailScene is a scene whose 1C synchronises through messages.
type mailScene struct {
	*scene
	layouts []*layout.Layout
	shown   map[string]bool // contents that the message has had, by hash
	newest  int             // number of those

	received, number int               // of 1C
	base             map[string]string // its documents: sum and state by number
	loads            int
}

func newMailScene(stage *stage, seed uint64) *mailScene {
	s := &mailScene{scene: stage.scene(seed), shown: map[string]bool{}, base: map[string]string{}}
	l, err := layout.Compile(templates.FS, "enterprisedata", map[string]string{
		"from": "OB", "to": "UT", "products_without_id": "create", "cancelled": "mark", "number": "full",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.layouts = []*layout.Layout{l}
	if s.r.IntN(2) == 0 {
		s.layouts = append(s.layouts, stage.layouts[1]) // workbooks beside the messages
	}
	return s
}

func (s *mailScene) play() {
	const half = `{"payload":{"Orders":[{"AmazonOrderId":"302-0000001-0000001","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	const items = `{"payload":{"AmazonOrderId":"302-0000001-0000001","OrderItems":[{"ASIN":"B0TEST0001","SellerSKU":"A","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	s.put("a.json", shopFile(1, "02", "A", "5.00"))
	s.put("b.json", shopFile(2, "02", "B", "5.00"))
	s.put("c.json", shopFile(1, "03", "A", "6.00"))
	s.put("f.json", half)
	s.put("g.json", items)
	for range 1 + s.r.IntN(3) {
		if !s.run(1 + s.r.IntN(200)) {
			break
		}
		s.sync()
	}
	s.run(0)
	s.put("h.json", strings.Replace(shopFile(1, "05", "A", "6.00"), `"created_at"`, `"cancelled_at":"2026-11-05T10:00:00Z","created_at"`, 1))
	s.catalog = s.after
	s.run(1 + s.r.IntN(100))
	s.run(0)
	s.load()
	s.run(1 + s.r.IntN(20)) // the power goes while the answer is read
	s.load()
	s.run(0)
	s.load()
	s.run(0)
	s.check()
}

// run is one life of the program, with a power cut at an operation or without.
func (s *mailScene) run(cutAt int) bool {
	s.store()
	d := s.disk
	d.ops, d.cutAt, d.before, d.links = 0, cutAt, s.r.IntN(2) == 0, false
	d.shown, d.onCut = s.look, s.keepLedger
	d.each = func() {
		if s.r.IntN(15) == 0 {
			s.load()
		}
	}
	cut := s.life(s.layouts, func(e Event) {
		if e.Kind == Alert && strings.Contains(e.Text, "message") {
			s.errorf("%s: %s", e.File, e.Text)
		}
	})
	if !cut {
		return false
	}
	s.cuts++
	s.disk = d.afterCut(s.r)
	if n := s.message(); n != nil && !s.shown[digest(n.bytes)] {
		s.errorf("the message holds %d bytes after a power cut, and they are not its own", len(n.bytes))
	}
	return true
}

func (s *mailScene) message() *inode { return s.disk.names[filepath.Join(s.route.Outbox, ourMessage)] }

// look is a reader who opens the message at the instant that it is replaced.
func (s *mailScene) look(path string, text []byte) {
	if filepath.Base(path) != ourMessage {
		return
	}
	m := parse(s.t, text)
	if m.No <= s.newest {
		s.errorf("message %d comes after %d", m.No, s.newest)
	}
	s.newest = m.No
	s.shown[digest(text)] = true
}

var documentIn = regexp.MustCompile(`(?s)<НомерВходящегоДокумента>([^<]+)<.*?<Сумма>([^<]+)</Сумма>.*?<СостояниеОбъекта>([^<]+)<`)

// load is 1C that reads the message if its number is higher than the last one it read.
func (s *mailScene) load() {
	n := s.message()
	if n == nil {
		return
	}
	m := parse(s.t, n.bytes)
	if m.No > s.received {
		s.received = m.No
		s.loads++
		for _, d := range documentIn.FindAllStringSubmatch(string(n.bytes), -1) {
			s.base[d[1]] = d[2] + " " + d[3]
		}
	}
	s.sync()
}

// sync is 1C that writes its own message, sometimes only half of it.
func (s *mailScene) sync() {
	text := reply("UT", "OB", s.number+1, s.received)
	if s.r.IntN(5) == 0 {
		text = text[:s.r.IntN(len(text))]
	} else {
		s.number++
	}
	s.disk.lasting(filepath.Join(s.route.Outbox, itsMessage), &inode{bytes: []byte(text)})
}

func (s *mailScene) check() {
	want := map[string]string{"1": "6.00 Устаревший", "2": "5.00 Черновик", "302-0000001-0000001": "5.00 Черновик"}
	if !maps.Equal(s.base, want) {
		s.errorf("1C has %v, want %v", s.base, want)
	}
	s.checkFiles()
	for i := 0; ; i++ { // of 1C's last words some were halves
		s.sync()
		s.run(0)
		if m := parse(s.t, s.message().bytes); len(m.Orders) == 0 {
			break
		}
		s.load()
		if i > 20 {
			s.errorf("orders are never confirmed")
			return
		}
	}
	book, err := ledger.Open(s.t.Context(), filepath.Join(s.state, "ledger.db"), ledger.Options{})
	if err != nil {
		s.errorf("%v", err)
		return
	}
	defer book.Close()
	sets, err := book.Sets(s.t.Context(), ledger.SetFilter{})
	for _, set := range sets {
		if set.State != ledger.Loaded {
			s.errorf("set %s is %s", set.Stem, set.State)
		}
	}
	if err != nil || len(sets) == 0 {
		s.errorf("%d sets, %v", len(sets), err)
	}
}
