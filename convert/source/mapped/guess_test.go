package mapped_test

import (
	"strings"
	"testing"

	"obmen/convert/source/mapped"
)

// A guess looks at all orders of a sample: a field that some of them lack is taken from where the others have it, and
// every word of the status is named with what it most likely means, or left open.
func TestGuessLooksAtTheWholeSample(t *testing.T) {
	line := `"items": [{"sku": "AB-100", "qty": 1, "sum": "5.00"}]`
	for _, c := range []struct{ name, sample, want string }{
		{
			"one that all state", `[{"number": 1, "created_at": "2026-11-18T12:00:00", "created_at_gmt": "2026-11-18T11:00:00", "total": "5.00", ` + line + `},
			{"number": 2, "created_at_gmt": "2026-11-18T12:00:00", "total": "5.00", ` + line + `}]`,
			`created = { at = "created_at_gmt", zone = "UTC" } #`,
		},
		{
			"two that stand for each other", `[{"number": 1, "created_at": "2026-11-18T12:00:00", "total": "5.00", ` + line + `},
			{"number": 2, "created_at_shop": "2026-11-18T12:00:00", "total": "5.00", ` + line + `}]`,
			`created = { first = ["created_at", "created_at_shop"] } #`,
		},
		{
			"words of XML", `<orders><order><number>1</number><created>2026-11-18</created><total>5.00</total><status>paid</status><item><sku>A</sku><qty>1</qty><sum>5.00</sum></item></order>
			<order><number>2</number><created>2026-11-18</created><total>5.00</total><status>Cancelled by buyer</status><item><sku>A</sku><qty>1</qty><sum>5.00</sum></item></order>
			<order><number>3</number><created>2026-11-18</created><total>5.00</total><status>on the moon</status><item><sku>A</sku><qty>1</qty><sum>5.00</sum></item></order></orders>`,
			`map = { "paid" = "open", "Cancelled by buyer" = "cancelled" } }`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			guess, err := mapped.MakeGuess(fileOf("sample", c.sample))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(guess.Text, c.want) {
				t.Errorf("no %s in\n%s", c.want, guess.Text)
			}
			if named := strings.Contains(strings.Join(guess.Notes, "\n"), `"on the moon"`); named != strings.Contains(c.sample, "moon") {
				t.Errorf("the notes: %q", guess.Notes)
			}
			if _, err := mapped.Parse("guess.toml", []byte(guess.Text)); err != nil {
				t.Error(err)
			}
		})
	}
}
