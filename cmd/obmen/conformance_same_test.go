package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/cmd/obmen/converting"
	"obmen/watch/outbox"

	"github.com/google/go-cmp/cmp"
)

// The same input gives the same names and bytes: in another folder, from another folder, in another time
// zone of the machine.
func TestSameBytes(t *testing.T) {
	inputs := func() []converting.Options { // what is not a sample lies in a new folder each time
		list := []converting.Options{createAll(t, hardCases(t), orderFile(t, dinarOrders))}
		for _, dir := range samples(t) {
			list = append(list, converting.Options{Files: []string{filepath.Join(dir, "input")}, Catalogs: catalogsOf(dir), Config: configOf(dir)})
		}
		return list
	}
	first := convertEach(t, inputs())
	zone := time.Local
	time.Local = time.FixedZone("far away", 13*60*60)
	second := convertEach(t, inputs())
	time.Local = zone
	for i := range first {
		if diff := cmp.Diff(outputsOf(t, first[i]), outputsOf(t, second[i])); diff != "" {
			t.Errorf("%s, the second time:\n%s", inputs()[i].Files, diff)
		}
	}
}

// Where every account has its own files, the order in which they are given does not matter once the orders have
// their numbers. Orders of one account stand in its file as they came.
func TestSameBytesInAnyOrder(t *testing.T) {
	dir := shared(t, "amazon/sandbox")
	files := glob(t, filepath.Join(dir, "orders_2026-01-01.searchOrders.200.[012].json")) // Japan, Britain, Brazil
	files = append(files, filepath.Join(dir, "ordersV0.getOrder.200.0.json"), filepath.Join(dir, "ordersV0.getOrderItems.200.0.json"), hardCases(t))
	first := convertAll(t, exportPair(createAll(t, files...)))
	numbers, err := os.ReadFile(filepath.Join(first.Dir, outbox.NumbersFile))
	if err != nil {
		t.Fatal(err)
	}
	want := outputsOf(t, first)
	if len(want) < 8 {
		t.Fatalf("only %d files", len(want))
	}
	for range files {
		files = append(files[1:], files[0])
		for range 2 {
			slices.Reverse(files)
			opt := exportPair(createAll(t, files...))
			opt.Out = t.TempDir()
			if err := os.WriteFile(filepath.Join(opt.Out, outbox.NumbersFile), numbers, 0o666); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outputsOf(t, convertAll(t, opt))); diff != "" {
				t.Errorf("%v:\n%s", files, diff)
			}
		}
	}
}

// outputsOf reads the output files by name; a run that gives none compares nothing.
func outputsOf(t *testing.T, c conversion) map[string]string {
	t.Helper()
	files := readAll(t, c.Dir)
	delete(files, "held.csv")
	delete(files, outbox.NumbersFile)
	if len(files) != len(c.Outputs) {
		t.Errorf("%d files in %s, %d said", len(files), c.Dir, len(c.Outputs))
	}
	return files
}
