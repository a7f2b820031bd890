package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/source"
	"obmen/watch/drop"
	"obmen/watch/outbox"
)

const (
	// bigInput is large enough that anything that grows with the input shows.
	bigInput = 200 << 20
	// heapLimit is how far the heap may grow beyond what it was before the conversion.
	heapLimit = 64 << 20
)

// measuresMemory leaves a test out where what it measures would say nothing.
func measuresMemory(t *testing.T) {
	t.Helper()
	if raceOn || testing.Short() {
		t.Skip("memory is measured without the race detector and without -short: go test -run Memory ./cmd/obmen")
	}
}

// A conversion keeps neither its input nor its output in memory: 200 MB of orders pass through in less
// than 64 MB. With the race detector it says nothing, so it wants a run without: go test -run Memory.
func TestMemory(t *testing.T) {
	measuresMemory(t)
	for _, tt := range []struct {
		name string
		head string
		item func(b *bytes.Buffer, i int)
		tail string
		use  []string // layouts; nil for those that are used by default
	}{
		{"orders 2026", `{"orders":[`, bigOrder, `],"createdBefore":"2026-11-20T00:00:00Z"}`, nil},
		{"all orders report", bigReportHead, bigRow, "", nil},
		{"enterprisedata", `{"orders":[`, bigOrder, `],"createdBefore":"2026-11-20T00:00:00Z"}`, []string{"enterprisedata"}},
		{"salesorder", `{"orders":[`, bigOrder, `],"createdBefore":"2026-11-20T00:00:00Z"}`, []string{"salesorder"}},
		{"native", `{"orders":[`, bigOrder, `],"createdBefore":"2026-11-20T00:00:00Z"}`, []string{"native"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			size, orders := int64(0), 0
			open := func() (io.ReadCloser, error) {
				g := &generator{head: tt.head, item: tt.item, tail: tt.tail, done: func(n int64, items int) { size, orders = n, items }}
				return io.NopCloser(g), nil
			}
			heap := watchHeap()
			began := time.Now()
			got := convertAway(t, source.Input{Name: "big", Open: open}, tt.use)
			took := time.Since(began)
			grown := heap.peak()
			t.Logf("%d MB, %d items, %d orders in %.1f s: the heap grew by %.1f MB at most", size>>20, orders, got.Summary.Orders(), took.Seconds(), float64(grown)/(1<<20))
			if size < bigInput || got.Summary.Exported < orders/3 || got.Summary.Held+got.Refused() > 0 {
				t.Errorf("%d bytes, %d items: %d exported, %d held, %d refused", size, orders, got.Summary.Exported, got.Summary.Held, got.Refused())
			}
			if grown > heapLimit {
				t.Errorf("the heap grew by %d MB, and may by %d", grown>>20, heapLimit>>20)
			}
		})
	}
}

// convertAway converts and publishes nothing.
func convertAway(t *testing.T, in source.Input, use []string) *outbox.Result {
	t.Helper()
	cfg := config.Defaults()
	if len(use) == 0 {
		use = cfg.Layouts
	}
	layouts, err := setup.LoadLayouts(cfg, use)
	if err != nil {
		t.Fatal(err)
	}
	w := outbox.Writer{Folder: drop.Folder{Dir: t.TempDir()}, Layouts: layouts, Publishing: outbox.Publishing{Discard: true}}
	opt := convert.Options{Match: convert.MatchOptions{UnknownProduct: convert.Create}}
	got, err := w.Convert(context.Background(), []source.Input{in}, catalog.Empty(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// generator is a file that is made while it is read: head, items until it is large enough, tail.
type generator struct {
	head, tail string
	item       func(b *bytes.Buffer, i int)
	most       int // items; 0 for bigInput bytes
	done       func(size int64, items int)

	buf   bytes.Buffer
	size  int64
	items int
	ended bool
}

func (g *generator) Read(p []byte) (int, error) {
	if g.buf.Len() == 0 {
		switch {
		case g.ended:
			g.done(g.size, g.items)
			return 0, io.EOF
		case g.size == 0:
			g.buf.WriteString(g.head)
		case g.most > 0 && g.items == g.most || g.most == 0 && g.size >= bigInput:
			g.buf.WriteString(g.tail)
			g.ended = true
		}
		for !g.ended && g.buf.Len() < 64<<10 && (g.most == 0 || g.items < g.most) {
			g.item(&g.buf, g.items)
			g.items++
		}
		g.size += int64(g.buf.Len())
	}
	n, err := g.buf.Read(p)
	if g.buf.Len() == 0 {
		err = nil
	}
	return n, err
}

// bigOrder is an order of two items, about as long as Amazon's own.
func bigOrder(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteString(",\n")
	}
	fmt.Fprintf(b, `{"orderId":"305-%07d-%07d","orderAliases":[{"aliasId":"SHOP-%d","aliasType":"SELLER_ORDER_ID"}],`, i, i%9973, i)
	fmt.Fprintf(b, `"createdTime":"2026-11-%02dT%02d:%02d:44Z","lastUpdatedTime":"2026-11-%02dT23:30:00Z","programs":["PRIME"],`, i%28+1, i%24, i%60, i%28+1)
	b.WriteString(`"salesChannel":{"channelName":"AMAZON","marketplaceId":"A1PA6795UKMFR9","marketplaceName":"Amazon.de"},` +
		`"proceeds":{"grandTotal":{"amount":"64.97","currencyCode":"EUR"}},` +
		`"fulfillment":{"fulfillmentStatus":"SHIPPED","fulfilledBy":"MERCHANT","fulfillmentServiceLevel":"STANDARD",` +
		`"shipByWindow":{"earliestDateTime":"2026-11-21T00:00:00Z","latestDateTime":"2026-11-22T23:59:59Z"},` +
		`"deliverByWindow":{"earliestDateTime":"2026-11-23T00:00:00Z","latestDateTime":"2026-11-26T23:59:59Z"}},` +
		`"recipient":{"deliveryAddress":{"city":"Musterstadt","stateOrRegion":"Sachsen","postalCode":"01000","countryCode":"DE","addressType":"RESIDENTIAL"}},"orderItems":[`)
	bigItem(b, i, 1, 3, "44.97")
	b.WriteByte(',')
	bigItem(b, i, 2, 1, "20.00")
	b.WriteString("]}")
}

func bigItem(b *bytes.Buffer, i, n, quantity int, amount string) {
	fmt.Fprintf(b, `{"orderItemId":"%011d%d","quantityOrdered":%d,"product":{"asin":"B0%08d","title":"Becher „Morgenrot“ | Steingut, 350 ml | Farbe %d",`, i, n, quantity, i%5000, i%97)
	fmt.Fprintf(b, `"sellerSku":"BECHER-%05d-DE","condition":{"conditionType":"NEW","conditionSubtype":"NEW","conditionNote":""}},`, i%5000)
	fmt.Fprintf(b, `"proceeds":{"proceedsTotal":{"amount":"%s","currencyCode":"EUR"},"breakdowns":[{"type":"ITEM","subtotal":{"amount":"%s","currencyCode":"EUR"}}]},`, amount, amount)
	fmt.Fprintf(b, `"promotion":{"breakdowns":[{"promotionId":"HERBST-2026"}]},"fulfillment":{"quantityFulfilled":%d,"quantityUnfulfilled":0}}`, quantity)
}

const bigReportHead = "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\torder-channel\t" +
	"ship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\t" +
	"gift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tcpf\t" +
	"is-business-order\tpurchase-order-number\tprice-designation\tsignature-confirmation-recommended\torder-item-id\n"

// bigRow is a row of the report. Every second order has two rows, and the second of every hundredth of
// those comes 300 rows later.
func bigRow(b *bytes.Buffer, i int) {
	order := i / 3 * 2
	switch {
	case i%300 == 1 && i > 300:
		order -= 200
	case i%3 == 2:
		order++
	}
	fmt.Fprintf(b, "305-%07d-%07d\t\t2026-11-%02dT%02d:12:44+00:00\t2026-11-%02dT23:00:00+00:00\tShipped\tAmazon\tAmazon.de\t\tExpedited\t", order, order%9973, order%28+1, order%24, order%28+1)
	fmt.Fprintf(b, "Becher „Morgenrot“ | Steingut, 350 ml | Farbe %d | spülmaschinenfest und für die Mikrowelle, im Geschenkkarton mit Seidenpapier, Handarbeit aus kleiner Töpferei\tBECHER-%05d-DE\tB0%08d\tShipped\t3\tEUR\t44.97\t7.18\t4.99\t0.80\t0\t0\t0\t4.99\t", i%97, i%5000, i%5000)
	fmt.Fprintf(b, "Musterstadt\tSachsen\t01000\tDE\tHERBST-2026 DE Versandaktion Oktober bis Dezember\t\tfalse\t\t\tfalse\t%014d\n", i)
}

// heapWatch samples how much memory the heap has in use. It never runs the collector: what counts is
// what a machine would have to give.
type heapWatch struct {
	start, most uint64
	stop        chan struct{}
	ended       sync.WaitGroup
}

func watchHeap() *heapWatch {
	h := &heapWatch{start: heapInUse(), stop: make(chan struct{})}
	h.ended.Add(1)
	go func() {
		defer h.ended.Done()
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			h.most = max(h.most, heapInUse())
			select {
			case <-h.stop:
				return
			case <-tick.C:
			}
		}
	}()
	return h
}

// peak ends the watch and gives the growth beyond its start.
func (h *heapWatch) peak() uint64 {
	close(h.stop)
	h.ended.Wait()
	return h.most - min(h.most, h.start)
}

func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
