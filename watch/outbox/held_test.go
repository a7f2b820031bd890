package outbox

import (
	"strings"
	"testing"

	"obmen/convert"
	"obmen/convert/order"
)

func TestHeldTableHasNoFormulas(t *testing.T) {
	text := string(HeldTable([]convert.Outcome{{
		Order: "=HYPERLINK(1)", Origin: order.Origin{File: "-a.json"},
		Hold: &convert.Hold{Code: "unknown-sku", Sentence: "+1", Add: []string{"@SUM(1);DE;;1;"}},
	}}))
	want := "\ufefforder;account;origin;code;sentence;cure;file to mend;line to add\r\n" +
		"\" =HYPERLINK(1)\";;\" -a.json\";unknown-sku;\" +1\";;;\" @SUM(1);DE;;1;\"\r\n"
	if text != want {
		t.Errorf("got  %q\nwant %q", text, want)
	}
	if !strings.HasPrefix(text, "\ufeff") {
		t.Error("no byte order mark")
	}
}
