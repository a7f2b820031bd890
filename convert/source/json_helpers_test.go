package source_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	"obmen/convert/money"
	"obmen/convert/order"
	"obmen/convert/source"
	"obmen/convert/source/input"
)

// Three small orders of different formats, and their ids.
const (
	json2026 = `{"orderId":"171-2000001-1000001","createdTime":"2026-11-18T09:12:44Z","lastUpdatedTime":"2026-11-18T10:00:00Z",` +
		`"salesChannel":{"channelName":"AMAZON","marketplaceId":"A1RKKUPIHCS9HS","marketplaceName":"Amazon.es"},` +
		`"fulfillment":{"fulfillmentStatus":"SHIPPED","fulfilledBy":"AMAZON"},"proceeds":{"grandTotal":{"amount":"12.50","currencyCode":"EUR"}},` +
		`"orderItems":[{"orderItemId":"1","quantityOrdered":2,"product":{"sellerSku":"AB-100"},` +
		`"proceeds":{"breakdowns":[{"type":"ITEM","subtotal":{"amount":"12.50","currencyCode":"EUR"}}]}}]}`
	jsonV0 = `{"AmazonOrderId":"171-2000002-1000002","PurchaseDate":"2026-11-18T09:12:44Z","OrderStatus":"Unshipped",` +
		`"OrderTotal":{"CurrencyCode":"USD","Amount":"11.01"},"OrderItems":[{"OrderItemId":"2","QuantityOrdered":1,` +
		`"SellerSKU":"AB-100","ItemPrice":{"CurrencyCode":"USD","Amount":"10.00"},"ItemTax":{"CurrencyCode":"USD","Amount":"1.01"}}]}`
	jsonShop = `{"order_number":1003,"created_at":"2026-11-18T09:12:44Z","customer":{"first_name":"Ana"},` +
		`"line_items":[{"sku":"AB-100","quantity":2,"price":"6.25"}]}`
)

// exact compares amounts as they are.
var exactText = cmpopts.EquateComparable(money.Decimal{})

// jsonFile is an input with that content.
func jsonFile(content string) input.Input {
	return input.Input{Name: "in.json", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

// readAll detects the format of an input and gives what it yields.
func readAll(in input.Input) (orders []order.Order, refused []*input.RowError, ended error) {
	f, err := source.Detect(in, nil)
	if err != nil {
		return nil, nil, err
	}
	for o, err := range f.Read(context.Background(), in) {
		var row *input.RowError
		switch {
		case errors.As(err, &row):
			refused = append(refused, row)
		case err != nil:
			return orders, refused, err
		default:
			orders = append(orders, o)
		}
	}
	return orders, refused, nil
}

// oneOrder reads a file that must hold one good order and nothing else.
func oneOrder(t *testing.T, content string) order.Order {
	t.Helper()
	orders, refused, err := readAll(jsonFile(content))
	if err != nil || len(refused) > 0 || len(orders) != 1 {
		t.Fatalf("%d orders, refused %v, error %v; want one order of %s", len(orders), refused, err, content)
	}
	return orders[0]
}

// oneRefusal reads a file whose only order must be refused.
func oneRefusal(t *testing.T, content string) *input.RowError {
	t.Helper()
	orders, refused, err := readAll(jsonFile(content))
	if err != nil || len(refused) != 1 || len(orders) != 0 {
		t.Fatalf("%d orders, refused %v, error %v; want one refusal of %s", len(orders), refused, err, content)
	}
	if refused[0].Advice == "" {
		t.Errorf("no hint with %v", refused[0])
	}
	return refused[0]
}

func formatNamed(t testing.TB, name string) source.Format {
	t.Helper()
	for _, f := range source.Formats() {
		if f.Name() == name {
			return f
		}
	}
	t.Fatalf("no format %s", name)
	return nil
}

// repeated reads as the same text again and again.
type repeated struct {
	text string
	at   int
	left int // repetitions still to come
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) && r.left > 0 {
		c := copy(p[n:], r.text[r.at:])
		n += c
		if r.at += c; r.at == len(r.text) {
			r.at = 0
			r.left--
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// sharedJSON finds the folder of test data beside the checkout.
func sharedJSON(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("OBMEN_SHARED")
	if dir == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			t.Fatal(err)
		}
		for root != filepath.Dir(root) {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared")
	}
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(data); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the shared test data is not there: %v", err)
		}
		t.Skipf("the shared test data is not there: %v", err)
	}
	return data
}
