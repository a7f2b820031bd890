package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/source"
)

// tape is a sink that remembers.
type tape struct {
	outcomes []Outcome
	batches  []document.Batch
	resets   int
	fail     error // for Batch
}

func (s *tape) Outcome(o Outcome) error { s.outcomes = append(s.outcomes, o); return nil }

func (s *tape) Batch(_ context.Context, b document.Batch) error {
	s.batches = append(s.batches, b)
	return s.fail
}

func (s *tape) Reset() error {
	s.outcomes, s.batches, s.resets = nil, nil, s.resets+1
	return nil
}

// states lists "1001 exported", "1002 held unknown-sku" …
func (s *tape) states() (list []string) {
	for _, o := range s.outcomes {
		list = append(list, strings.TrimSpace(o.Order+" "+o.State()+" "+o.Code()))
	}
	return list
}

func files(texts ...string) (ins []source.Input) {
	for i, text := range texts {
		ins = append(ins, source.Input{
			Name: fmt.Sprintf("file%d", i+1),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(text))), nil },
		})
	}
	return ins
}

func runAll(t *testing.T, opt Options, texts ...string) (*tape, []File) {
	t.Helper()
	opt.Match.UnknownProduct = Create
	s := &tape{}
	list, err := Run(context.Background(), files(texts...), catalog.Empty(), opt, s)
	if err != nil {
		t.Fatal(err)
	}
	return s, list
}

func shopOrder(number int, updated, price string) string {
	return fmt.Sprintf(`{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","updated_at":"%s","line_items":[{"sku":"A","quantity":1,"price":"%s"}]}`, number, updated, price)
}

func shop(orders ...string) string { return `{"orders":[` + strings.Join(orders, ",") + `]}` }

const day = "2026-11-02T10:00:00Z"

// v0 bodies: an order, and its items in as many pages as wanted.
func v0order(id, total string) string {
	return fmt.Sprintf(`{"payload":{"Orders":[{"AmazonOrderId":"%s","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"%s"}}]}}`, id, total)
}

func v0items(id, next string, items ...string) string {
	var list []string
	for _, item := range items {
		list = append(list, fmt.Sprintf(`{"ASIN":"B0TEST0001","SellerSKU":"S%s","OrderItemId":"%s","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}`, item, item))
	}
	return fmt.Sprintf(`{"payload":{"AmazonOrderId":"%s","NextToken":"%s","OrderItems":[%s]}}`, id, next, strings.Join(list, ","))
}

// v0whole is an order with its only item inside.
func v0whole(id string) string {
	return strings.Replace(v0order(id, "5.00"), `"OrderStatus"`, `"OrderItems":[{"SellerSKU":"S1","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}],"OrderStatus"`, 1)
}

func TestRun(t *testing.T) {
	const one, two = "302-0000001-0000001", "302-0000001-0000002"
	for _, c := range []struct {
		name   string
		texts  []string
		want   []string // states, in order
		resets int
	}{
		{"orders in the order of the files", []string{shop(shopOrder(2, day, "1.00")), shop(shopOrder(1, day, "1.00"))}, []string{"2 exported", "1 exported"}, 0},
		{"the same order twice", []string{shop(shopOrder(1, day, "1.00"), shopOrder(1, day, "1.00"))}, []string{"1 exported", "1 skipped duplicate"}, 0},
		{
			"an older revision behind a newer one",
			[]string{shop(shopOrder(1, "2026-11-03T00:00:00Z", "1.00"), shopOrder(1, day, "2.00"))},
			[]string{"1 exported", "1 skipped older-revision"},
			0,
		},
		{
			"a newer revision behind an older one",
			[]string{shop(shopOrder(1, day, "2.00"), shopOrder(2, day, "1.00"), shopOrder(1, "2026-11-03T00:00:00Z", "1.00"))},
			[]string{"1 skipped older-revision", "2 exported", "1 exported"},
			1,
		},
		{
			"three revisions, the newest in the middle",
			[]string{shop(shopOrder(1, day, "1.00"), shopOrder(1, "2026-11-05T00:00:00Z", "2.00"), shopOrder(1, "2026-11-04T00:00:00Z", "3.00"))},
			[]string{"1 skipped older-revision", "1 exported", "1 skipped older-revision"},
			1,
		},
		{
			"no order of a file that breaks leaves",
			[]string{shop(shopOrder(1, day, "1.00")), strings.TrimSuffix(shop(shopOrder(2, day, "1.00"), shopOrder(3, day, "1.00")), "]}"), shop(shopOrder(4, day, "1.00"))},
			[]string{"1 exported", "4 exported"},
			1,
		},
		{
			"an order in a broken file and in a whole one",
			[]string{strings.TrimSuffix(shop(shopOrder(1, "2026-11-09T00:00:00Z", "9.00")), "]}"), shop(shopOrder(1, day, "1.00"))},
			[]string{"1 exported"},
			1,
		},
		{"v0: items behind their order", []string{v0order(one, "5.00"), v0items(one, "", "1")}, []string{one + " exported"}, 0},
		{"v0: items before their order", []string{v0items(one, "", "1"), v0order(one, "5.00")}, []string{one + " exported"}, 0},
		{"v0: items in two pages", []string{v0items(one, "more", "1"), v0order(one, "10.00"), v0items(one, "", "2")}, []string{one + " exported"}, 0},
		{"v0: the last page is missing", []string{v0items(one, "more", "1"), v0order(one, "10.00")}, []string{one + " held items-missing"}, 0},
		{"v0: the same page twice", []string{v0items(one, "", "1"), v0items(one, "", "1"), v0order(one, "5.00")}, []string{one + " exported"}, 0},
		{"v0: order without items", []string{v0order(one, "5.00")}, []string{one + " held items-missing"}, 0},
		{"v0: items without order", []string{v0items(two, "", "1"), v0order(one, "5.00"), v0items(one, "", "1")}, []string{one + " exported", two + " held order-missing"}, 0},
		{"v0: items of an order that has them", []string{v0whole(one), v0items(one, "", "1")}, []string{one + " exported"}, 0},
		{"v0: items of an order that has them, before it", []string{v0items(one, "", "1"), v0whole(one)}, []string{one + " exported"}, 0},
		{
			"v0: items of a cancelled order",
			[]string{strings.Replace(v0order(one, "5.00"), "Shipped", "Canceled", 1), v0items(one, "", "1")},
			[]string{one + " skipped cancelled"},
			0,
		},
		{
			"v0: items of an order that cannot be read",
			[]string{strings.Replace(v0order(one, "5.00"), `"5.00"`, `"five"`, 1), v0items(one, "", "1")},
			[]string{one + " held unreadable"},
			0,
		},
		{
			"two shops with one number and no time of change",
			[]string{shop(shopOrder(1, "", "1.00")), shop(shopOrder(1, "", "7.00"), shopOrder(2, "", "1.00"))},
			[]string{"1 exported", "1 held same-number", "2 exported"},
			0,
		},
		{
			"two states with one time of change and other amounts",
			[]string{shop(shopOrder(1, "2026-11-02T10:00:00Z", "1.00")), shop(shopOrder(1, "2026-11-02T10:00:00Z", "7.00"))},
			[]string{"1 exported", "1 held same-time"},
			0,
		},
		{"the same order twice without a time of change", []string{shop(shopOrder(1, "", "1.00")), shop(shopOrder(1, "", "1.00"))}, []string{"1 exported", "1 skipped duplicate"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := runAll(t, Options{}, c.texts...)
			if got := s.states(); !slices.Equal(got, c.want) || s.resets != c.resets {
				t.Errorf("%q with %d resets, want %q with %d", got, s.resets, c.want, c.resets)
			}
			exported := 0
			for _, b := range s.batches {
				exported += len(b.Documents)
			}
			if want := strings.Count(strings.Join(c.want, "\n"), "exported"); exported != want {
				t.Errorf("%d documents in batches, want %d", exported, want)
			}
		})
	}
}

func TestBatchesAreFullAndOfOneAccount(t *testing.T) {
	var orders []string
	for i := range 7 {
		orders = append(orders, shopOrder(i, day, "1.00"))
	}
	s, _ := runAll(t, Options{BatchSize: 3}, shop(orders...), v0order("302-0000001-0000001", "5.00"), v0items("302-0000001-0000001", "", "1"))
	var got []string
	for _, b := range s.batches {
		got = append(got, fmt.Sprintf("%s %d", b.Account, len(b.Documents)))
		if b.Created.IsZero() {
			t.Errorf("batch of %s has no time", b.Account)
		}
	}
	if want := []string{"shop 3", "shop 3", "amazon-de 1", "shop 1"}; !slices.Equal(got, want) {
		t.Errorf("batches %q, want %q", got, want)
	}
}

func TestASinksErrorEndsTheRun(t *testing.T) {
	s := &tape{fail: errors.New("disk full")}
	_, err := Run(context.Background(), files(shop(shopOrder(1, day, "1.00"))), catalog.Empty(), Options{Match: MatchOptions{UnknownProduct: Create}}, s)
	if !errors.Is(err, s.fail) {
		t.Errorf("got %v", err)
	}
}

func TestACancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, files(shop(shopOrder(1, day, "1.00"))), catalog.Empty(), Options{}, &tape{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAccounts(t *testing.T) {
	opt := Options{Accounts: []Account{{Name: "eu", Marketplaces: []string{"DE", "Amazon.fr"}}, {Name: "us", Marketplaces: []string{"ATVPDKIKX0DER"}}}}
	for _, c := range []struct{ named, marketplace, forced, want string }{
		{"", "DE", "", "eu"},
		{"", "FR", "", "eu"},
		{"", "US", "", "us"},
		{"", "JP", "", "amazon-jp"},
		{"US", "DE", "", "us"},
		{"other", "DE", "", "other"},
		{"", "DE", "us", "us"},
		{"", "", "", "shop"},
	} {
		o := sale(c.marketplace, "EUR", nil)
		o.Account = c.named
		opt.Account = c.forced
		if got := opt.accountOf(o).Name; got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// What the API answers to getOrderAddress is no order: alone it is refused as a file, among orders it is
// named.
func TestAnAddressIsNoOrder(t *testing.T) {
	const id = "302-0000001-0000001"
	const address = `{"payload":{"AmazonOrderId":"` + id + `","ShippingAddress":{"Name":"A"}}}`
	s, list := runAll(t, Options{}, address, v0whole(id))
	if got := strings.Join(s.states(), ", "); got != id+" exported" || !errors.Is(list[0].Err, source.ErrNotOrders) {
		t.Errorf("alone: %s, file %v", got, list[0].Err)
	}
	s, list = runAll(t, Options{}, "["+v0whole(id)+","+address+"]")
	if got := strings.Join(s.states(), ", "); got != id+" exported, "+id+" held unreadable" || list[0].Err != nil {
		t.Errorf("among orders: %s, file %v", got, list[0].Err)
	}
}

// An order that two accounts could have sold is no one's until somebody says it.
func TestAnOrderOfTwoSellersIsHeld(t *testing.T) {
	const id = "302-0000001-0000001"
	opt := Options{Accounts: []Account{{Name: "one", Marketplaces: []string{"DE"}}, {Name: "two", Marketplaces: []string{"DE", "FR"}}}}
	for _, c := range []struct{ account, want string }{
		{"", id + " held account-unknown"},
		{"two", id + " exported"},
	} {
		opt.Account = c.account
		s, _ := runAll(t, opt, v0whole(id))
		if got := strings.Join(s.states(), ", "); got != c.want {
			t.Errorf("account %q: %s, want %s", c.account, got, c.want)
		}
	}
}

// Every part of an order that a document can show is part of its fingerprint.
func TestFingerprintSeesEveryChange(t *testing.T) {
	base := sale("DE", "EUR", nil)
	seen := map[Fingerprint]string{fingerprintOf(base): "unchanged"}
	for name, o := range map[string]func(){
		"quantity": func() { base.Lines[0].Ordered = known("2").Value },
		"price":    func() { base.Lines[0].Price = chargeOf("9.99", "") },
		"unsaid":   func() { base.Lines[0].Price = chargeOf("", "") },
		"tax":      func() { base.Lines[0].Price = chargeOf("10.00", "1.00") },
		"discount": func() { base.Lines[0].Discount = chargeOf("1.00", "") },
		"address":  func() { base.ShipTo.City = "Bonn" },
		"street":   func() { base.ShipTo.Street = []string{"Bonn"} },
		"buyer":    func() { base.Buyer.Email = "a@example.com" },
		"state":    func() { base.Status = "unshipped" },
		"total":    func() { base.Total = known("10.00") },
		"item id":  func() { base.Lines[0].ID = "2" },
		"line":     func() { base.Lines = append(base.Lines, base.Lines[0]) },
	} {
		base = sale("DE", "EUR", nil)
		o()
		print := fingerprintOf(base)
		if other, ok := seen[print]; ok {
			t.Errorf("%s and %s have one fingerprint", name, other)
		}
		seen[print] = name
	}
}
