package bucket_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"obmen/watch/store"
	"obmen/watch/store/bucket"
	"obmen/watch/store/bucket/buckettest"
)

// failing fails the first n requests of a kind; all of them where n is 0.
func failing(method string, fate buckettest.Fate, n int) func(*http.Request, int) buckettest.Fate {
	left := n
	return func(r *http.Request, _ int) buckettest.Fate {
		if r.Method != method || n > 0 && left == 0 {
			return buckettest.Well
		}
		left--
		return fate
	}
}

// probed is a store in a bucket that was probed before anything fails.
func probed(t *testing.T, server *buckettest.Server, change func(*bucket.Options)) kept {
	t.Helper()
	b := openBucket(t, server, change)
	if _, err := b.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return kept{Store: store.Store{State: stateFolder(t), Remote: b}}
}

// What passes within some tries is not seen; what lasts is an outage that leaves nothing half.
func TestFaultsOfPuts(t *testing.T) {
	t.Parallel()
	for _, fate := range []buckettest.Fate{buckettest.Busy, buckettest.Broken, buckettest.Cut, buckettest.Hung} {
		for n, want := range map[int]bool{1: true, 3: true, 0: false} {
			if fate == buckettest.Hung && n != 1 { // each waits for its time
				continue
			}
			t.Run(fmt.Sprint(fate, " ", n), func(t *testing.T) {
				t.Parallel()
				server := &buckettest.Server{}
				k := probed(t, server, func(o *bucket.Options) {
					if fate == buckettest.Hung {
						o.Silence = time.Second
					}
				})
				server.Do(func(s *buckettest.Server) { s.Fail = failing(http.MethodPut, fate, n) })
				before := server.Asked()
				text := strings.Repeat("bytes ", 10_000)
				kept, err := k.Keep(t.Context(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
				if want {
					if data, _ := server.Get("shop/one/" + kept.SHA256); err != nil || string(data) != text {
						t.Errorf("%v, %d bytes", err, len(data))
					}
					return
				}
				out, ok := errors.AsType[*store.OutageError](err)
				if !ok || !out.Passing || out.Advice == "" {
					t.Errorf("%v", err)
				}
				if keys := server.Keys(); len(keys) > 0 {
					t.Errorf("visible: %q", keys)
				}
				if tries := server.Asked() - before; tries < 2 || tries > 10 {
					t.Errorf("%d requests", tries)
				}
			})
		}
	}
}

// A put whose answer is lost is done: the try after it finds the same bytes.
func TestAnswerOfPutIsLost(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{}
	k := probed(t, server, nil)
	server.Do(func(s *buckettest.Server) {
		s.Stored = func(string) {
			server.Do(func(s *buckettest.Server) { s.Stored = nil })
			panic(http.ErrAbortHandler)
		}
	})
	b := keep(t, k, "once")
	if err := k.Verify(b.SHA256); err != nil || len(server.Keys()) != 1 {
		t.Errorf("%v, %q", err, server.Keys())
	}
}

// A download that is cut goes on; wrong bytes are found at its end.
func TestFaultsOfGets(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{}
	k := probed(t, server, nil)
	text := strings.Repeat("0123456789", 150_000) // too much to stay in memory
	sha := keep(t, k, text).SHA256
	server.Do(func(s *buckettest.Server) { s.Fail = failing(http.MethodGet, buckettest.Cut, 4) })
	if got, err := read(t, k, sha); got != text || err != nil {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	server.Do(func(s *buckettest.Server) {
		s.Fail = func(r *http.Request, _ int) buckettest.Fate {
			if r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "" {
				return buckettest.Garbled
			}
			return buckettest.Well
		}
	})
	if err := k.Verify(sha); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("wrong bytes: %v", err)
	}
	if _, err := read(t, k, sha); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("wrong bytes: %v", err)
	}
	server.Do(func(s *buckettest.Server) { s.Fail = failing(http.MethodGet, buckettest.Busy, 0) })
	err := k.Verify(sha)
	_, fromDisk := errors.AsType[*fs.PathError](err)
	if out, ok := errors.AsType[*store.OutageError](err); !ok || !out.Passing || !fromDisk {
		t.Errorf("an outage must not look like a fault of the file: %v", err)
	}
	if _, err := k.CharsetChanges(sha, []byte("UTF-8")); err == nil {
		t.Error("an outage must not look like another charset")
	}
}

// A list of many pages has every name once, also when the server fails in the middle; what is not obmen's stays out.
func TestListOfManyPages(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{Page: 100}
	k := probed(t, server, nil)
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 1203 {
		server.Set(fmt.Sprintf("shop/one/%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)})), []byte("x"), old.Add(time.Duration(i)*time.Second))
	}
	for _, foreign := range []string{"shop/one/readme.txt", "shop/one/" + strings.Repeat("a", 64) + "/deeper", "shop/other", "shop/one/.obmen-probe-1"} {
		server.Set(foreign, []byte("x"), old)
	}
	failed := 0
	server.Do(func(s *buckettest.Server) {
		s.Fail = func(_ *http.Request, n int) buckettest.Fate {
			if n%3 == 0 {
				failed++
				return buckettest.Broken
			}
			return buckettest.Well
		}
	})
	copies, err := k.Copies()
	if err != nil || len(copies) != 1203 || failed < 3 {
		t.Fatalf("%d copies, %d failures, %v", len(copies), failed, err)
	}
	if !copies[0].Kept.Equal(old) || !slices.IsSortedFunc(copies, func(a, b store.Copy) int { return a.Kept.Compare(b.Kept) }) {
		t.Error("not the oldest first")
	}
	stop := errors.New("stop")
	if err := k.Each(func(store.Object) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

// A probe finds out what the server can do, and leaves nothing.
func TestProbe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		server  *buckettest.Server
		change  func(*bucket.Options)
		refuses bool
		says    string // in the refusal; empty for none
		passes  bool
	}{
		"all is well":         {refuses: true},
		"replaces":            {server: &buckettest.Server{Replaces: true}},
		"no conditions":       {server: &buckettest.Server{Unsupported: true}},
		"busy for a moment":   {server: &buckettest.Server{Fail: failing(http.MethodPut, buckettest.Busy, 2)}, refuses: true},
		"busy":                {server: &buckettest.Server{Fail: failing(http.MethodPut, buckettest.Busy, 0)}, says: "is busy: SlowDown", passes: true},
		"wrong key":           {change: func(o *bucket.Options) { o.Key = "OTHERKEY000000000001" }, says: "does not know the access key"},
		"wrong secret":        {change: func(o *bucket.Options) { o.Secret = "other" }, says: "refuses the secret"},
		"no bucket":           {change: func(o *bucket.Options) { o.Address.Bucket = "nowhere" }, says: "has no such bucket"},
		"another region":      {server: &buckettest.Server{Region: "eu-central-1"}, says: "lies in the region eu-central-1"},
		"clocks differ":       {server: &buckettest.Server{Now: func() time.Time { return time.Now().Add(time.Hour) }}, says: "refuses the time of this computer"},
		"may not put":         {server: &buckettest.Server{Fail: failing(http.MethodPut, buckettest.Denied, 0)}, says: "does not let the access key do this"},
		"may not read":        {server: &buckettest.Server{Fail: failing(http.MethodGet, buckettest.Denied, 0)}, says: "does not let the access key do this"},
		"may not delete":      {server: &buckettest.Server{Fail: failing(http.MethodDelete, buckettest.Denied, 0)}, says: "does not let the access key do this"},
		"full":                {server: &buckettest.Server{Fail: failing(http.MethodPut, buckettest.Full, 0)}, says: "is full", passes: true},
		"changes what it has": {server: &buckettest.Server{Fail: failing(http.MethodGet, buckettest.Garbled, 0)}, says: "gives other bytes"},
		"nobody there":        {change: func(o *bucket.Options) { o.Address.Host = "127.0.0.1:1" }, says: "does not answer: connection refused", passes: true},
		"speaks no TLS":       {change: func(o *bucket.Options) { o.Address.Secure = true }, says: "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := cmp.Or(tt.server, &buckettest.Server{})
			b := openBucket(t, server, tt.change)
			found, err := b.Probe(t.Context())
			if tt.says == "" {
				if err != nil || found.Refuses != tt.refuses || !strings.Contains(found.Where, "s3://"+buckettest.Bucket) {
					t.Errorf("%v, %v", found, err)
				}
			} else if out, ok := errors.AsType[*store.OutageError](err); !ok || !strings.Contains(out.Text, tt.says) || out.Advice == "" || out.Passing != tt.passes {
				t.Errorf("%v", err)
			}
			if text := fmt.Sprint(err); strings.Contains(text, buckettest.Secret) || strings.Contains(text, buckettest.Key) {
				t.Errorf("a secret in %q", text)
			}
			if keys := server.Keys(); len(keys) > 0 && name != "may not delete" {
				t.Errorf("left: %q", keys)
			}
		})
	}
}

// A probe that a killed program has left goes when it is old.
func TestOldProbesAreRemoved(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{}
	server.Set("shop/one/.obmen-probe-old", []byte("x"), time.Now().Add(-2*time.Hour))
	server.Set("shop/one/.obmen-probe-new", []byte("x"), time.Now())
	if _, err := openBucket(t, server, nil).Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if keys := server.Keys(); !slices.Equal(keys, []string{"shop/one/.obmen-probe-new"}) {
		t.Errorf("%q", keys)
	}
}

// A server whose certificate is not known is not spoken to, and one that speaks TLS alone is named as such.
func TestCertificates(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(&buckettest.Server{})
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	for address, says := range map[string]string{"https://" + host: "is not trusted", "http://" + host: "speaks TLS only"} {
		a, err := bucket.ParseAddress("s3://" + buckettest.Bucket + "?endpoint=" + address)
		if err != nil {
			t.Fatal(err)
		}
		b, err := bucket.Open(t.Context(), bucket.Options{Address: a, Key: buckettest.Key, Secret: buckettest.Secret, Pause: func(context.Context, time.Duration) {}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Probe(t.Context())
		if out, ok := errors.AsType[*store.OutageError](err); !ok || out.Passing || !strings.Contains(out.Text, says) || out.Advice == "" {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A put that is called off ends at once.
func TestPutIsCalledOff(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{}
	k := probed(t, server, nil)
	ctx, cancel := context.WithCancel(t.Context())
	server.Do(func(s *buckettest.Server) {
		s.Fail = func(*http.Request, int) buckettest.Fate { cancel(); return buckettest.Hung }
	})
	if _, err := k.Keep(ctx, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"s3://kept/shop?endpoint=https://minio.example.com:9000&region=ru-central1": "s3://kept/shop (minio.example.com:9000)",
		"s3://kept?endpoint=https://storage.example.com":                            "s3://kept (storage.example.com)",
		"s3://kept/a/b/?region=eu-central-1":                                        "s3://kept/a/b (s3.amazonaws.com)",
		"s3://kept":                                                                 "it names no region",
		"https://kept.s3.example.com":                                               "not the address of a bucket",
		"kept":                                                                      "not the address of a bucket",
		"s3://KEY:SECRET@kept":                                                      "secrets do not belong in this file",
		"s3://kept?key=KEY&secret=SECRET":                                           "obmen knows endpoint and region",
		"s3://No_Bucket?region=a":                                                   "not the name of a bucket",
		"s3://kept?endpoint=minio.example.com":                                      "its endpoint is not the address of a server",
		"s3://kept?endpoint=https://KEY:SECRET@minio.example.com":                   "its endpoint is not the address of a server",
	} {
		a, err := bucket.ParseAddress(text)
		got := a.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || strings.Contains(got, "SECRET") {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"https://a.example.com": true, "http://a.example.com": false, "http://127.0.0.1:9000": true, "http://[::1]:9000": true, "http://localhost": true} {
		if a, err := bucket.ParseAddress("s3://kept?endpoint=" + text); err != nil || a.IsPrivate() != want {
			t.Errorf("%s: %v, %v", text, a.IsPrivate(), err)
		}
	}
}

// A small file that was just put is read without the server; what is verified is what lies there.
func TestRecentFiles(t *testing.T) {
	t.Parallel()
	server := &buckettest.Server{}
	k := probed(t, server, nil)
	var last string
	for i := range 10 { // more than stays in memory
		last = keep(t, k, strings.Repeat(fmt.Sprint(i), 900_000)).SHA256
	}
	small := keep(t, k, "small").SHA256
	before := server.Asked()
	for _, sha := range []string{small, last} {
		in := k.Input(sha, "a")
		for range 3 {
			r, err := in.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				t.Error(err)
			}
		}
	}
	if n := server.Asked() - before; n != 0 {
		t.Errorf("%d requests", n)
	}
	if err := k.Verify(small); err != nil || server.Asked() != before+1 {
		t.Errorf("%v, %d requests", err, server.Asked()-before)
	}
	if err := k.RemoveAll([]string{small}); err != nil {
		t.Fatal(err)
	}
	if err := k.Verify(small); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed: %v", err)
	}
}
