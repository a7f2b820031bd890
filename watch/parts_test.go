package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// A file with more orders than the ledger takes at once loses and doubles none wherever the program is killed between
// two transactions, and its counts are those of a file that was read in one go.
func TestKilledBetweenTheTransactionsOfOneFile(t *testing.T) {
	const orders, held, known = 23, 6, 4
	for at := 1; ; at++ {
		p := newPlace(t)
		p.w.Options.BatchSize = 2
		p.put(p.r.Inbox, "before.json", shopOrders(0, known, "A"))
		p.once()
		p.put(p.r.Inbox, "many.json", joinShop(shopOrders(0, orders-held, "A"), shopOrders(orders-held, held, "B")))
		killed := p.killedAt(at)
		p.once()
		seen := map[string]int{}
		for _, text := range p.exchangeFiles() {
			for _, number := range numberOfShop.FindAllStringSubmatch(text, -1) {
				seen[number[1]]++
			}
		}
		for i := range orders {
			want := 1
			if i >= orders-held {
				want = 0
			}
			if n := seen[fmt.Sprint(i)]; n != want {
				t.Errorf("killed before transaction %d: order %d is in %d files", at, i, n)
			}
		}
		files, err := p.w.Ledger.Files(t.Context(), ledger.FileFilter{})
		if err != nil || len(files) != 2 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		if c := files[1].Counts; c != (ledger.Counts{Exported: orders - held - known, Held: held, Known: known}) || files[1].State != ledger.Done {
			t.Errorf("killed before transaction %d: %s, %+v", at, files[1].State, c)
		}
		stats, err := p.w.Ledger.Stats(t.Context())
		if err != nil || stats.Sets[ledger.Planned] != 0 || stats.Orders[ledger.Exported] != orders-held {
			t.Errorf("killed before transaction %d: %+v, %v", at, stats, err)
		}
		if left, err := filepath.Glob(filepath.Join(p.r.Outbox, drop.TempDir, "*")); err != nil || len(left) > 0 {
			t.Errorf("killed before transaction %d: left over %q, %v", at, left, err)
		}
		if !killed {
			if at < 12 {
				t.Errorf("only %d transactions", at)
			}
			return
		}
	}
}

// killedAt runs the watcher with small transactions until one of them, and leaves everything as a killed program does.
// It reports whether it came to that.
func (p *place) killedAt(at int) (killed bool) {
	k := newWorker(p.w, p.r)
	k.handover.inMemory, k.handover.atOnce, k.handover.spillAbove = 3, 3, 1000
	k.handover.parted = func() {
		if at--; at == 0 {
			panic("killed")
		}
	}
	defer func() {
		if killed = recover() != nil; killed {
			p.w.Ledger.Close()
			p.open()
		}
	}()
	if err := k.run(p.t.Context(), true); err != nil {
		p.t.Fatal(err)
	}
	return false
}

func shopOrders(from, n int, sku string) string {
	var text string
	for i := range n {
		text = joinShop(text, shopFile(from+i, "02", sku, "5.00"))
	}
	return text
}

// joinShop makes one file of two.
func joinShop(a, b string) string {
	if a == "" {
		return b
	}
	return strings.TrimSuffix(a, "]}") + "," + strings.TrimPrefix(b, `{"orders":[`)
}

var numberOfShop = regexp.MustCompile(`<Наименование>Номер заказа на сайте</Наименование>\s*<Значение>(\d+)</Значение>`)

func (p *place) exchangeFiles() (texts []string) {
	paths, err := filepath.Glob(filepath.Join(p.r.Outbox, "*.xml"))
	for _, path := range paths {
		var text []byte
		if text, err = os.ReadFile(path); err != nil {
			break
		}
		texts = append(texts, string(text))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return texts
}
