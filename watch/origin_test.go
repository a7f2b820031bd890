package watch

import (
	"testing"

	"obmen/convert/order"
)

func TestOriginFile(t *testing.T) {
	for _, name := range []string{"orders.txt", "orders", "a:b.txt", "a#b.json", "shop/orders.json"} {
		for _, at := range []order.Origin{
			{}, {Line: 7}, {Line: 7, Column: 12}, {Pointer: "/orders/0"}, {Line: 7, Column: 12, Pointer: "/orders/0/a:5"},
		} {
			at.File = name
			if got := fileOfOrigin(at.String()); got != name {
				t.Errorf("%s: file %q, want %q", at, got, name)
			}
		}
	}
}
