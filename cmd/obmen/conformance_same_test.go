package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/watch/outbox"

	"github.com/google/go-cmp/cmp"
)

// The same input gives the same names and bytes: in another folder, from another folder, in another time
// zone of the machine.
func TestSameBytes(t *testing.T) {
	list := map[string]func(out string) convertOptions{
		"hard cases": func(out string) convertOptions {
			opt := createAll(t, hardCases(t), orderFile(t, dinarOrders)) // in a new folder each time
			opt.Out = out
			return opt
		},
	}
	for _, dir := range samples(t) {
		list[dir] = func(out string) convertOptions {
			return convertOptions{Files: []string{filepath.Join(dir, "input")}, Catalogs: catalogsOf(dir), Config: configOf(dir), Out: out}
		}
	}
	for name, options := range list {
		first := outputsOf(t, convertAll(t, options(t.TempDir())))
		zone := time.Local
		time.Local = time.FixedZone("far away", 13*60*60)
		second := outputsOf(t, convertAll(t, options(t.TempDir())))
		time.Local = zone
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s, the second time:\n%s", name, diff)
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
	delete(files, heldFile)
	delete(files, outbox.NumbersFile)
	if len(files) != len(c.Outputs) {
		t.Errorf("%d files in %s, %d said", len(files), c.Dir, len(c.Outputs))
	}
	return files
}
