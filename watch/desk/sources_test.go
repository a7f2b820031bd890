package desk_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/convert/source/mapped"
	"obmen/watch"
	"obmen/watch/desk"
)

const kiosk = `name = "kiosk"
kind = "json"
[detect]
has = ["no"]
[order]
id = "no"
created = "at"
[lines]
at = "goods"
sku = "sku"
quantity = "n"
amount = "sum"
`

// A mapping that is saved counts at once; one with a mistake is told with its place and leaves the one before it in
// force; one that is removed is gone.
func TestSources(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sources")
	var told []watch.Event
	s := desk.OpenSources(&desk.Sources{Dir: dir, Tell: func(e watch.Event) { told = append(told, e) }}, mapped.NewSet())
	has := func() bool {
		_, ok := s.Current().Find("kiosk")
		return ok
	}
	write := func(text string) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "kiosk.toml"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if has() || len(told) > 0 {
		t.Fatalf("told %+v", told)
	}
	write(kiosk)
	if !has() || len(told) != 1 || told[0].Kind != watch.Renewed || len(s.Claims([]byte(`{"no":"1"}`))) != 1 {
		t.Fatalf("told %+v", told)
	}
	write(strings.Replace(kiosk, "amount", "amont", 1))
	if !has() || len(told) != 4 || !strings.HasPrefix(told[2].File, dir+"/kiosk.toml:12:1") || told[1].Kind != watch.Alert {
		t.Fatalf("told %+v", told)
	}
	if has(); len(told) != 4 {
		t.Errorf("told again: %+v", told[4:])
	}
	if err := os.Remove(filepath.Join(dir, "kiosk.toml")); err != nil || has() || len(told) != 5 {
		t.Errorf("%v, told %+v", err, told)
	}
}
