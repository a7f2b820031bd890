package watch

import (
	"os"
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
)

// A kept half that is gone is taken from the archive again: the order goes out, whole and once.
func TestAHalfWhoseKeptCopyIsGone(t *testing.T) {
	const order = `{"payload":{"Orders":[{"AmazonOrderId":"302-0000001-0000001","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	const items = `{"payload":{"AmazonOrderId":"302-0000001-0000001","OrderItems":[{"ASIN":"B0TEST0001","SellerSKU":"A","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	p := newPlace(t)
	p.put(p.r.Inbox, "order.json", order)
	p.once()
	held, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(held) != 1 {
		t.Fatalf("held %+v, %v", held, err)
	}
	kept := filepath.Join(p.w.Store().Folder().Dir, held[0].SHA256)
	if err := os.Rename(kept, kept+".away"); err != nil {
		t.Fatal(err)
	}
	p.put(p.r.Inbox, "items.json", items)
	p.once()
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files though the archive has the bytes", n)
	}
	if err := os.Rename(kept+".away", kept); err != nil {
		t.Fatal(err)
	}
	p.once()
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files after the kept copy has come back", n)
	}
}
