package convert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/money"
	"obmen/convert/order"
)

// anyCharge draws an amount in whole coins.
func anyAmount(t *rapid.T, name string, most int64, places int) money.Amount {
	coins := rapid.Int64Range(0, most).Draw(t, name)
	return money.Unit(places).Times(money.Int(coins))
}

// anyOrder draws an order of up to 50 lines whose stated total follows from one of the readings.
func anyOrder(t *rapid.T) (order.Order, reading) {
	currency := rapid.SampledFrom([]money.Currency{"USD", "EUR", "JPY", "KWD"}).Draw(t, "currency")
	places := currency.Places()
	o := order.Order{
		Format: "test", Identifiers: order.Identifiers{ID: "302-0000001-0000001"}, Sale: order.Sale{Marketplace: rapid.SampledFrom([]string{"US", "DE", "JP"}).Draw(t, "marketplace")},
		Stage: order.Stage{Status: order.Shipped, Created: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}, Amounts: order.Amounts{Currency: currency},
	}
	for i := range rapid.IntRange(1, 50).Draw(t, "lines") {
		known := func(name string, most int64) money.Optional {
			if rapid.Bool().Draw(t, name+" stated") {
				return money.Known(anyAmount(t, name, most, places))
			}
			return money.Optional{}
		}
		price := anyAmount(t, "price", 1_000_000, places)
		l := order.Line{
			Item:    order.Item{ID: fmt.Sprint(i), SKU: fmt.Sprintf("SKU-%d", i), Title: "Thing"},
			Ordered: money.Int(rapid.Int64Range(1, 40).Draw(t, "quantity")),
		}
		l.Price = order.Charge{Amount: money.Known(price), Tax: known("item tax", 1000)}
		l.Shipping = order.Charge{Amount: known("shipping", 2000), Tax: known("shipping tax", 100)}
		l.GiftWrap.Amount = known("gift wrap", 500)
		l.COD.Amount = known("cash on delivery", 500)
		if half := price.MulDiv(money.One, money.Int(2), places); rapid.Bool().Draw(t, "discounted") {
			l.Discount.Amount = money.Known(half)
			if rapid.Bool().Draw(t, "negative sign") {
				l.Discount.Amount = money.Known(half.Neg())
			}
		}
		o.Lines = append(o.Lines, l)
	}
	r := rapid.SampledFrom(readingsToTry(&o, usualReading(&o, &Account{}))).Draw(t, "reading")
	o.Total = money.Known(r.applyTo(&o).proof.Total)
	return o, r
}

// Whatever the amounts, the lines of a document multiply out and add up to what was proven.
func TestDocumentsAreExact(t *testing.T) {
	exported := 0
	rapid.Check(t, func(t *rapid.T) {
		o, _ := anyOrder(t)
		opt := &Options{Match: MatchOptions{UnknownProduct: Create}}
		m := &matcher{cat: catalog.Empty(), opt: opt, account: opt.accountOf(&o)}
		doc, hold := m.makeDocument(&o)
		if hold != nil {
			if hold.Code == Internal || hold.Code == TotalMismatch {
				t.Fatalf("held: %s: %s", hold.Code, hold.Sentence)
			}
			return
		}
		exported++
		if doc.Proof.Total != o.Total.Value {
			t.Fatalf("proven total %s, stated %s", doc.Proof.Total, o.Total.Value)
		}
		sum := money.Zero
		for _, l := range doc.Lines {
			if l.Price.Times(l.Quantity) != l.Amount || l.Amount.Sign() < 0 || l.Price.Places() > o.Currency.Places() {
				t.Fatalf("line %d: %s × %s = %s", l.Number, l.Price, l.Quantity, l.Amount)
			}
			sum = sum.Plus(l.Amount)
		}
		if !doc.VATIncluded {
			sum = sum.Plus(doc.VAT)
		}
		if sum != doc.Proof.Total.Minus(doc.Proof.Excluded) || sum != doc.Total {
			t.Fatalf("lines come to %s, proven %s less %s, document %s", sum, doc.Proof.Total, doc.Proof.Excluded, doc.Total)
		}
	})
	if exported == 0 {
		t.Fatal("no order was exported: nothing was tested")
	}
}

// A tax or a discount in coins that 1C does not keep holds the order; it is neither dropped nor rounded.
func TestFineCoinsAreHeld(t *testing.T) {
	coin := money.Unit(3)
	for name, change := range map[string]func(*order.Order){
		"tax of a charge of nothing": func(o *order.Order) { o.Lines[0].Shipping.Tax = money.Known(coin) },
		"tax of a line":              func(o *order.Order) { o.Lines[0].Price.Tax = money.Known(coin) },
		"discount of the order":      func(o *order.Order) { o.Discount = money.Known(coin) },
	} {
		for _, r := range []reading{{}, {onTop: true}} {
			o := order.Order{Format: "test", Identifiers: order.Identifiers{ID: "1"}, Sale: order.Sale{Marketplace: "DE"}, Stage: order.Stage{Status: order.Shipped}, Amounts: order.Amounts{Currency: "KWD"}}
			o.Lines = []order.Line{{Item: order.Item{SKU: "A"}, Ordered: money.One, Charges: order.Charges{Price: order.Charge{Amount: money.Known(money.Int(5))}}}}
			change(&o)
			o.Total = money.Known(r.applyTo(&o).proof.Total)
			opt := &Options{Match: MatchOptions{UnknownProduct: Create}}
			m := &matcher{cat: catalog.Empty(), opt: opt, account: opt.accountOf(&o)}
			if _, hold := m.makeDocument(&o); hold == nil || hold.Code != TooManyPlaces || !strings.Contains(hold.Sentence, "0.001") {
				t.Errorf("%s, %s: %+v", name, r, hold)
			}
		}
	}
}

// A coin too much or too little is never explained away.
func TestAWrongTotalIsHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, _ := anyOrder(t)
		places := o.Currency.Places()
		off := money.Unit(places).Times(money.Int(rapid.SampledFrom([]int64{-3, -1, 1, 2}).Draw(t, "coins off")))
		o.Total.Value = o.Total.Value.Plus(off)
		p, hold := proveTotal(&o, usualReading(&o, &Account{}))
		if hold != nil {
			if hold.Code == TotalMismatch && !strings.Contains(hold.Sentence, o.Total.Value.Text(places)) {
				t.Fatalf("the sentence leaves out the stated total: %s", hold.Sentence)
			}
			return
		}
		if p.proof.Total != o.Total.Value {
			t.Fatalf("%s was accepted for %s", p.proof.Total, o.Total.Value)
		}
	})
}

// A kit keeps its money to the coin, however it is shared.
func TestKitsKeepTheirMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		places := rapid.SampledFrom([]int{0, 2, 3}).Draw(t, "places")
		amount := anyAmount(t, "amount", 10_000_000, places)
		var f found
		shares := rapid.Bool().Draw(t, "shares")
		for range rapid.IntRange(1, 8).Draw(t, "products") {
			c := catalog.Component{Quantity: money.Int(rapid.Int64Range(1, 9).Draw(t, "units"))}
			if shares {
				c.Share = money.Known(money.Int(rapid.Int64Range(1, 100).Draw(t, "share")))
			}
			f.components = append(f.components, c)
		}
		l := &order.Line{Ordered: money.Int(rapid.Int64Range(1, 20).Draw(t, "quantity"))}
		pieces, hold := appendComponents(nil, l, charge{amount: amount}, &f, places)
		if hold != nil {
			t.Fatal(hold.Sentence)
		}
		sum := money.Zero
		for i, p := range pieces {
			if p.quantity != l.Ordered.Times(f.components[i].Quantity) {
				t.Fatalf("quantity %s", p.quantity)
			}
			sum = sum.Plus(p.share.amount)
		}
		if sum != amount {
			t.Fatalf("the kit comes to %s, sold for %s", sum, amount)
		}
	})
}

// The promised day is that of the account's zone; one before the order is none, and a promise that moves
// is no new revision.
func TestDeliverBy(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	m := &matcher{cat: catalog.Empty(), opt: &Options{}, account: Account{Zone: berlin}}
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	o := order.Order{Identifiers: order.Identifiers{ID: "1"}, Sale: order.Sale{Marketplace: "DE"}, Stage: order.Stage{Created: at("2026-11-18T10:00:00Z")}}
	print := fingerprintOf(&o)
	for promised, want := range map[string]string{
		"2026-11-20T23:59:59Z": "2026-11-21", "2026-11-20T22:59:59Z": "2026-11-20", "1970-01-19T04:15:17Z": "0001-01-01",
	} {
		o.DeliverBy = at(promised)
		if got := m.newDocument(&o, document.Customer{}).DeliverBy.Format(time.DateOnly); got != want {
			t.Errorf("promised for %s: %s, not %s", promised, got, want)
		}
		if fingerprintOf(&o) != print {
			t.Errorf("promised for %s: another revision", promised)
		}
	}
}
