package readers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"obmen/templates/readers"
)

// Every file of the samples is read whole by each configuration, posted where its number allows it, and
// read again without anything new.
func TestSamplesAreReadOnce(t *testing.T) {
	files, err := filepath.Glob("../../samples/*/*/expected/*.xml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		documents := bytes.Count(file, []byte("<Документ>"))
		for _, target := range readers.Targets() {
			b := newBase()
			b.Currencies = readers.Mentions(file).Currencies
			r := target.Site(readers.Node{Organisation: organisation.Name})
			once := r.Read(b, file)
			if !once.OK || once.Created != documents || len(b.Orders) != documents {
				t.Errorf("%s, %s: %+v, want %d documents", name, target.Name, once, documents)
			}
			items, buyers := len(b.Items), len(b.Buyers)
			again := r.Read(b, file)
			if !again.OK || again.Created != 0 || len(b.Orders) != documents || len(b.Items) != items || len(b.Buyers) != buyers {
				t.Errorf("%s, %s, once more: %+v, %d documents of %d", name, target.Name, again, len(b.Orders), documents)
			}
		}
	}
}
