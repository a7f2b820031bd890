package ledger_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"obmen/watch/ledger"
)

// A limit leaves the oldest files, or the newest; in either case they come in the order they were seen in.
func TestFilesAreLimitedFromEitherEnd(t *testing.T) {
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i := range 5 {
		seen := time.Unix(int64(i/2), 0) // some at the same instant
		f := ledger.File{Route: "r", SHA256: fmt.Sprintf("%064d", i), Name: fmt.Sprint(i), Size: 1, Seen: seen}
		if _, err := l.Begin(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		filter ledger.FileFilter
		want   []string
	}{
		{ledger.FileFilter{Limit: 2}, []string{"0", "1"}},
		{ledger.FileFilter{Limit: 2, Newest: true}, []string{"3", "4"}},
		{ledger.FileFilter{Newest: true}, []string{"0", "1", "2", "3", "4"}},
		{ledger.FileFilter{Limit: 9, Newest: true}, []string{"0", "1", "2", "3", "4"}},
	} {
		files, err := l.Files(t.Context(), c.filter)
		var got []string
		for i := range files {
			got = append(got, files[i].Name)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, %v; want %q", c.filter, got, err, c.want)
		}
	}
}
