package ui_test

import (
	"bytes"
	"fmt"
	"testing"

	"obmen/cmd/obmen/ui"
	"obmen/convert/layout/tmpl"
)

// Whatever else an error went through, the hint that it brought along is below it.
func TestErrorBringsItsHint(t *testing.T) {
	err := fmt.Errorf("orders.json: %w", fmt.Errorf("layout sheet: %w", &tmpl.SizeError{Document: "1", Rows: 70000, Most: 65535}))
	var out bytes.Buffer
	ui.Streams{Err: &out}.PrintError(err)
	want := `obmen: orders.json: layout sheet: document "1": 70000 lines do not fit into a sheet's 65535 rows
  hint: set format = "xlsx" for the layout in obmen.toml: its sheets have more rows
`
	if out.String() != want {
		t.Errorf("got %s", &out)
	}
}
