package source_test

import (
	"testing"

	"obmen/convert/order"
)

// One order is known by one number, however JSON writes it and whatever stands around it unseen.
func TestOneNumberOneOrder(t *testing.T) {
	for want, spellings := range map[string][]string{
		"1001": {`1001`, `1001.0`, `1.001e3`, `10010e-1`, `"1001"`, `" 1001 "`, "\"1001\u200b\"", "\"\ufeff1001\""},
		"5":    {`5`, `5.00`, `0.5e1`, `"5"`, "\"\u00a05\""},
	} {
		for _, number := range spellings {
			orders := []order.Order{oneOrder(t, `{"order_number":`+number+`,"created_at":"2026-11-18T09:12:44Z","line_items":[{"sku":"A","quantity":2.0,"price":1.999e1}]}`)}
			if len(orders) != 1 || orders[0].ID != want || orders[0].Lines[0].Price.Amount != dec("39.98") {
				t.Errorf("%s: %+v", number, orders)
			}
		}
	}
	for _, number := range []string{`true`, `false`, `1001.5`, `1e99`, `"\ud83d1"`} {
		oneRefusal(t, `{"order_number":`+number+`,"created_at":"2026-11-18T09:12:44Z","line_items":[{"sku":"A","quantity":1,"price":1}]}`)
	}
}
