package watch

import (
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/ledger"
)

// creating is a disk that tells of the first file staged in a folder.
type creating struct {
	drop.OS
	dir   string
	once  sync.Once
	first func()
}

func (d *creating) Create(path string, mode fs.FileMode) (drop.File, error) {
	if filepath.Dir(path) == d.dir {
		d.once.Do(d.first)
	}
	return d.OS.Create(path, mode)
}

// An order that is dismissed while its set is made does not go out; what goes out with it does. So it is
// when it is cured, when it comes alone, and when it comes in a group.
func TestDismissedInTheLastMoment(t *testing.T) {
	for name, arrive := range map[string]func(p *place){
		"cured": func(p *place) { p.catalog["products.csv"] = "sku;name\nA;Thing\nB;Other\n" },
		"alone": func(p *place) { p.put(p.r.Inbox, "2.json", shopFile(2, "03", "A", "5.00")) },
		"group": func(p *place) {
			p.put(p.r.Inbox, "2.json", shopFile(2, "03", "A", "5.00"))
			p.put(p.r.Inbox, "4.json", shopFile(4, "03", "A", "5.00"))
			p.put(p.r.Inbox, "5.json", shopFile(5, "03", "A", "5.00"))
		},
	} {
		p := newPlace(t)
		p.put(p.r.Inbox, "1.json", shopFile(2, "02", "B", "5.00"))
		p.put(p.r.Inbox, "3.json", shopFile(3, "02", "C", "5.00"))
		p.once()
		disk := &creating{dir: filepath.Join(p.r.Outbox, drop.TempDir)}
		staged := false
		disk.first = func() {
			staged = true
			if err := p.w.Ledger.Dismiss(t.Context(), []ledger.Key{{Scope: "shop", Order: "2"}}, "by hand", p.w.Now()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		p.w.FS = disk
		arrive(p)
		p.once()
		p.once()
		if !staged {
			t.Fatalf("%s: nothing was staged", name)
		}
		text, n := p.exported()
		if want := map[string]int{"group": 2}[name]; n != want || strings.Contains(text, "<Значение>2</Значение>") {
			t.Errorf("%s: %d exchange files, want %d; the newest is\n%s", name, n, want, text)
		}
		if left := p.names(filepath.Join(p.r.Outbox, drop.TempDir)); len(left) > 0 {
			t.Errorf("%s: %q is left over", name, left)
		}
		p.expect(name+": quarantine", p.names(p.r.Quarantine), []string{inbox.DismissedFile, inbox.HeldFile})
		if files, err := p.w.Ledger.Files(t.Context(), ledger.FileFilter{Running: true}); err != nil || len(files) > 0 {
			t.Errorf("%s: files that still run: %v, %v", name, files, err)
		}
	}
}
