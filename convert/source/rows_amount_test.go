package source_test

import (
	"strings"
	"testing"

	"obmen/convert/money"
	"obmen/convert/order"
)

// amountIn reads an amount by way of a report, as its price.
func amountIn(t *testing.T, cell, currency string) (money.Optional, string) {
	t.Helper()
	out := readInput(file(tsv("amazon-order-id|order-status|item-status|sku|quantity|currency|item-price|item-tax") +
		"A1\tShipped\tShipped\tx\t1\t" + currency + "\t" + cell + "\t0\n"))
	switch {
	case len(out.refused) == 1:
		return money.Optional{}, out.refused[0].Err.Error()
	case len(out.orders) == 1 && len(out.orders[0].Lines) == 1:
		return out.orders[0].Lines[0].Price.Amount, ""
	}
	t.Fatalf("%q: %+v", cell, out)
	return money.Optional{}, ""
}

func TestAmounts(t *testing.T) {
	tests := []struct{ cell, currency, want string }{
		{"10.0", "USD", "10"},
		{"25", "USD", "25"},
		{"0.00", "USD", "0"},
		{"1.5", "USD", "1.5"},
		{"1,5", "EUR", "1.5"},
		{"12,34", "EUR", "12.34"},
		{"1,210.50", "USD", "1210.5"},
		{"1.210,50", "EUR", "1210.5"},
		{"1.210,50 €", "EUR", "1210.5"},
		{"1 210,50 €", "EUR", "1210.5"},
		{"1\u00a0210,50\u00a0€", "EUR", "1210.5"},
		{"1\u202f210,50\u2009EUR", "EUR", "1210.5"},
		{"1'210.50", "EUR", "1210.5"},
		{"1’210.50", "EUR", "1210.5"},
		{"1 210,500", "EUR", "1210.5"},
		{"1.234.567", "EUR", "1234567"},
		{"1,234,567.8", "USD", "1234567.8"},
		{"12,34,567.80", "INR", "1234567.8"},
		{"€12.50", "EUR", "12.5"},
		{"EUR 12.50", "EUR", "12.5"},
		{"12.50EUR", "EUR", "12.5"},
		{"US$ 12.50", "USD", "12.5"},
		{"$12.50", "USD", "12.5"},
		{"$12.50", "CAD", "12.5"},
		{"£12.50", "GBP", "12.5"},
		{"¥1,234", "JPY", "1234"},
		{"￥1234", "JPY", "1234"},
		{"1,234円", "JPY", "1234"},
		{"1.234", "JPY", "1234"},
		{"1.234", "KWD", "1.234"},
		{"1234.567", "EUR", "1234.567"},
		{"0.125", "EUR", "0.125"},
		{".50", "USD", "0.5"},
		{"-4.00", "USD", "-4"},
		{"4,00-", "EUR", "-4"},
		{"−4.00", "USD", "-4"},
		{"-€4.00", "EUR", "-4"},
		{"€ -4.00", "EUR", "-4"},
		{" 4.00 ", "EUR", "4"},
		{"+4.00", "EUR", "4"},
	}
	for _, tt := range tests {
		got, err := amountIn(t, tt.cell, tt.currency)
		if err != "" || got != dec(tt.want) {
			t.Errorf("%q in %s: %v %q, want %s", tt.cell, tt.currency, got, err, tt.want)
		}
	}
	for _, cell := range []string{"", " ", "-", "--", "N/A", "n/a"} {
		if got, err := amountIn(t, cell, "EUR"); err != "" || got.Known {
			t.Errorf("%q: %v %q, want absent", cell, got, err)
		}
	}
}

// The mark ‹ stands before the byte that the message must name.
func TestAmountErrors(t *testing.T) {
	tests := []struct{ cell, currency, want string }{
		{"12,3‹O", "EUR", "not a number (letter O at byte %)"},
		{"‹l2.00", "EUR", "not a number (letter l at byte %)"},
		{" 1‹О,00", "EUR", "not a number (letter О at byte %)"}, // a Cyrillic letter
		{"1.0‹_0", "EUR", "not a number ('_' at byte %)"},
		{"1..‹5", "EUR", "not a number (two separators at byte 3)"},
		{"12.‹", "EUR", "not a number (no digit after the separator at byte 3)"},
		{"1‹E+16", "EUR", "not a number (letter E at byte %)"},
		{"1.234‹", "EUR", "may be 1234 or 1.234"},
		{"1,234‹", "USD", "may be 1234 or 1.234"},
		{"-999.999‹", "USD", "may be 999999 or 999.999"},
		{"1.234‹", "", "may be 1234 or 1.234"},
		{"1.21,50‹", "EUR", "not a number (digits are not grouped by thousands)"},
		{"1 21‹", "EUR", "not a number (digits are not grouped by thousands)"},
		{"1,234.567,89‹", "EUR", "not a number (digits are not grouped by thousands)"},
		{"--4‹", "EUR", "not a number (more than one sign)"},
		{"-4-‹", "EUR", "not a number (more than one sign)"},
		{"€‹", "EUR", "not a number (no digits)"},
		{"12.50 €‹", "USD", "an amount in EUR, but the order is in USD"},
		{"USD 5‹", "EUR", "an amount in USD, but the order is in EUR"},
		{"99999999999999999999‹", "EUR", `number too large: "99999999999999999999"`},
	}
	for _, tt := range tests {
		at := strings.Index(tt.cell, "‹")
		cell := strings.Replace(tt.cell, "‹", "", 1)
		want := strings.Replace(tt.want, "%", itoa(at+1), 1)
		if got, err := amountIn(t, cell, tt.currency); err != want {
			t.Errorf("%q: %v %q, want %q", cell, got, err, want)
		}
	}
}

func itoa(n int) string { return money.Int(int64(n)).String() }

func TestQuantities(t *testing.T) {
	for cell, want := range map[string]string{
		"1": "1", "2.0": "2", "1,000": "1000", "0": "0", "1.5": "", "-1": "", "x": "", "1 €": "", "--": "",
	} {
		out := readInput(file(tsv("amazon-order-id|order-status|item-status|sku|quantity|item-price", "A1|Shipped|Shipped|x|"+cell+"|1")))
		got := ""
		if len(out.orders) == 1 {
			got = out.orders[0].Lines[0].Ordered.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q (%v)", cell, got, want, out.refused)
		}
	}
}

// What is said of an order by a spreadsheet program of another language is still said.
func TestFlags(t *testing.T) {
	for cell, want := range map[string]bool{"true": true, "TRUE": true, "ИСТИНА": true, "WAHR": true, "false": false, "": false, "no": false} {
		got := mustRead(t, file(tsv("amazon-order-id|order-status|item-status|sku|quantity|item-price|is-business-order", "A1|Shipped|Shipped|x|1|1|"+cell)))
		if got[0].BusinessOrder != want || got[0].Has(order.AmazonBusiness) != want {
			t.Errorf("%q: %v", cell, got[0].BusinessOrder)
		}
	}
}
