package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/fetch"
	"obmen/fetch/spapi"
)

// memoryFile is a file of a memory.
type memoryFile struct {
	bytes.Buffer
	in *memory
}

func (f *memoryFile) Publish(ctx context.Context, name string) error {
	return f.in.Put(ctx, name, f.Bytes())
}

func (f *memoryFile) Abort() error { return nil }

// reports is the part of Amazon that makes reports.
type reports struct {
	asked   []spapi.ReportRequest
	waits   []string
	known   map[string]bool
	wait    error // what the next wait gives
	charset string
}

func (r *reports) CreateReport(_ context.Context, q spapi.ReportRequest) (string, error) {
	r.asked = append(r.asked, q)
	id := string(rune('a' + len(r.asked) - 1))
	r.known[id] = true
	return id, nil
}

func (r *reports) WaitReport(_ context.Context, id string, _ time.Duration) (*spapi.Report, error) {
	r.waits = append(r.waits, id)
	if err := r.wait; err != nil {
		r.wait = nil
		return nil, err
	}
	if !r.known[id] {
		return nil, &spapi.Error{Kind: spapi.KindNotFound}
	}
	return &spapi.Report{DocumentID: "doc-" + id}, nil
}

func (r *reports) DownloadReport(_ context.Context, _, id string, create func(spapi.Download) (io.Writer, error)) (*spapi.Download, error) {
	for _, text := range []string{"half", "amazon-order-id\n" + id + "\n"} { // the first attempt breaks off
		w, err := create(spapi.Download{})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return nil, err
		}
	}
	return &spapi.Download{Charset: r.charset, ContentType: "text/plain", Size: 20}, nil
}

// A report comes into the folder behind the file that tells its charset, a long time in several.
func TestReport(t *testing.T) {
	s, amazon := newScene(), &reports{known: map[string]bool{}, charset: "Cp1252"}
	list, err := s.f.Report(t.Context(), amazon, spapi.AllOrdersByOrderDate, "all-orders", day0.Add(-40*24*time.Hour), day0)
	if err != nil || len(list) != 2 || len(amazon.asked) != 2 || !amazon.asked[0].End.Equal(amazon.asked[1].Start) {
		t.Fatalf("%+v, %v; asked %+v", list, err, amazon.asked)
	}
	if len(s.names) != 4 || s.names[0] != list[0].Name+".charset" || s.names[1] != list[0].Name || s.files[s.names[0]] != "Cp1252\n" {
		t.Errorf("files %q", s.names)
	}
	if got := s.files[list[1].Name]; got != "amazon-order-id\ndoc-b\n" || !strings.HasPrefix(list[1].Name, "amazon-main-all-orders-2026") {
		t.Errorf("%s has %q", list[1].Name, got)
	}
	for name, value := range s.cursors {
		if value != "" {
			t.Errorf("%s is left behind as %s", name, value)
		}
	}
}

// A run that was stopped while Amazon made the report waits for the same one; one that Amazon has
// forgotten is ordered anew; one that was cancelled has nothing in it.
func TestReportGoesOn(t *testing.T) {
	s, amazon := newScene(), &reports{known: map[string]bool{}}
	fetchReport := func() ([]fetch.Saved, error) {
		return s.f.Report(t.Context(), amazon, "GET_X", "x", day0.Add(-24*time.Hour), day0)
	}
	amazon.wait = context.Canceled
	if _, err := fetchReport(); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if list, err := fetchReport(); err != nil || list[0].Name == "" || len(amazon.asked) != 1 {
		t.Errorf("%+v, %v; asked for %d", list, err, len(amazon.asked))
	}
	amazon.wait = context.Canceled
	if _, err := fetchReport(); err == nil {
		t.Fatal("no error")
	}
	delete(amazon.known, "b")
	if list, err := fetchReport(); err != nil || list[0].Name == "" || !slices.Equal(amazon.waits, []string{"a", "a", "b", "b", "c"}) {
		t.Errorf("%+v, %v; waited for %q", list, err, amazon.waits)
	}
	amazon.wait = &spapi.Error{Kind: spapi.KindEmpty}
	if list, err := fetchReport(); err != nil || list[0].Name != "" {
		t.Errorf("%+v, %v", list, err)
	}
}
