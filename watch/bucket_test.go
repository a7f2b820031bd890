package watch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/store"
	"obmen/watch/store/bucket"
	"obmen/watch/store/bucket/buckettest"
)

// inBucket lets a place keep its copies in a bucket.
func inBucket(p *place) *buckettest.Server {
	p.t.Helper()
	server := &buckettest.Server{}
	listener := httptest.NewServer(server)
	p.t.Cleanup(listener.Close)
	a, err := bucket.ParseAddress("s3://" + buckettest.Bucket + "?endpoint=" + listener.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	p.w.Remote, err = bucket.Open(p.t.Context(), bucket.Options{
		Address: a, Key: buckettest.Key, Secret: buckettest.Secret, Pause: func(context.Context, time.Duration) {},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return server
}

// waitFor waits for a condition.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// While the bucket does not answer, files wait; that is told once, and so is its end.
func TestOutageOfTheBucket(t *testing.T) {
	p := newPlace(t)
	server := inBucket(p)
	busy := func(fate buckettest.Fate) {
		server.Do(func(s *buckettest.Server) { s.Fail = func(*http.Request, int) buckettest.Fate { return fate } })
	}
	busy(buckettest.Busy)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.w.Run(ctx, false) }()
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	waitFor(t, "a second round in the outage", func() bool { return server.Asked() > 5 }) // five tries are one
	live, err := ReadStatus(p.w.State)
	if err != nil || len(live.Routes) != 1 || live.Routes[0].Code != folder.StoreLost {
		t.Errorf("%+v, %v", live, err)
	}
	busy(buckettest.Well)
	p.put(p.r.Inbox, "b.json", shopFile(2, "02", "A", "5.00"))
	waitFor(t, "both files in the archive", func() bool { return len(p.names(p.r.Archive)) == 2 })
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	var waiting, going int
	for _, e := range p.events {
		switch e.Kind {
		case Waiting:
			waiting++
			if !strings.Contains(e.Text, "is busy: SlowDown") || e.Hint == "" {
				t.Errorf("%+v", e)
			}
		case Going:
			going++
		}
	}
	if waiting != 1 || going != 1 {
		t.Errorf("told %d times, and %d times that it is over", waiting, going)
	}
	orders, err := p.w.Ledger.Orders(t.Context(), ledger.OrderFilter{})
	if err != nil || len(orders) != 2 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}

// Wrong bytes from the bucket are never converted: they come from the archive, and where that has none the orders are
// held.
func TestDamageInTheBucket(t *testing.T) {
	p := newPlace(t)
	server := inBucket(p)
	first, second := held(p)
	spoil := func(text string) {
		server.Set(sumOf(text), []byte(strings.Replace(text, `.00"`, `.99"`, 1)), time.Now())
	}
	spoil(first)
	spoil(second)
	if err := os.Remove(p.today("first.json")); err != nil {
		t.Fatal(err)
	}
	p.catalog["skus.csv"] = cureOfB
	p.once()
	p.once()
	holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{})
	if err != nil || len(holds) != 1 || holds[0].Code != string(CopyDamaged) || holds[0].Order != "1" {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	if text, n := p.exported(); n != 1 || strings.Contains(text, "5.99") {
		t.Errorf("%d exchange files, %s", n, text)
	}
	if data, _ := server.Get(sumOf(second)); string(data) != second {
		t.Error("the copy is damaged still")
	}
	if keys := server.Keys(); !slices.Contains(keys, sumOf(first)) {
		t.Errorf("%q", keys)
	}
}

// With encryption nothing readable reaches the bucket; what is held is read from there again.
func TestEncryptedInTheBucket(t *testing.T) {
	p := newPlace(t)
	server := inBucket(p)
	p.w.Encryption = newEncryption(t)
	held(p)
	keys := server.Keys()
	if len(keys) != 2 {
		t.Fatalf("%q", keys)
	}
	for _, key := range keys {
		if data, _ := server.Get(key); !strings.HasSuffix(key, store.EncryptedSuffix) || strings.Contains(string(data), "order_number") {
			t.Errorf("%s: %.40q", key, data)
		}
	}
	p.catalog["skus.csv"] = cureOfB
	p.once()
	orders, err := p.w.Ledger.Orders(t.Context(), ledger.OrderFilter{})
	if err != nil || len(orders) != 2 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
	if left := p.names(p.w.Store().Folder().Dir); len(left) != 0 {
		t.Errorf("in the state folder: %q", left)
	}
}
