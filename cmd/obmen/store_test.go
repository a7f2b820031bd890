package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"obmen/watch/store/bucket/buckettest"
)

// buckets are the servers of S3 of the scripts that run.
var buckets sync.Map // *buckettest.Server by *testscript.TestScript

// bucketOf is the server of a script, which S3URL names; it starts at first.
func bucketOf(ts *testscript.TestScript) *buckettest.Server {
	if s, there := buckets.Load(ts); there {
		return s.(*buckettest.Server)
	}
	s := &buckettest.Server{}
	http := httptest.NewServer(s)
	ts.Defer(http.Close)
	ts.Defer(func() { buckets.Delete(ts) })
	ts.Setenv("S3URL", "s3://"+buckettest.Bucket+"/shop?endpoint="+http.URL)
	ts.Setenv("S3KEY", buckettest.Key)
	ts.Setenv("S3SECRET", buckettest.Secret)
	buckets.Store(ts, s)
	return s
}

// bucketfate well|busy|replaces decides what becomes of the requests to the server of S3 from now on.
func bucketfate(ts *testscript.TestScript, neg bool, args []string) {
	fates := map[string]buckettest.Fate{"well": buckettest.Well, "busy": buckettest.Busy, "replaces": buckettest.Well}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucketfate FATE")
	}
	fate, known := fates[args[0]]
	if !known {
		ts.Fatalf("no fate %q", args[0])
	}
	bucketOf(ts).Do(func(s *buckettest.Server) {
		s.Replaces = args[0] == "replaces"
		s.Fail = func(*http.Request, int) buckettest.Fate { return fate }
	})
}

// buckethas N SUFFIX looks whether so many names in the bucket end so.
func buckethas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: buckethas N SUFFIX")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	found := 0
	keys := bucketOf(ts).Keys()
	for _, key := range keys {
		if strings.HasSuffix(key, args[1]) {
			found++
		}
	}
	if found != want {
		ts.Fatalf("%d names, want %d, in %q", found, want, keys)
	}
}

// bucketspoil changes a byte of all that lies in the bucket.
func bucketspoil(ts *testscript.TestScript, _ bool, _ []string) {
	s := bucketOf(ts)
	for _, key := range s.Keys() {
		data, _ := s.Get(key)
		spoilt := append([]byte{}, data...)
		spoilt[len(spoilt)/2]++
		s.Set(key, spoilt, time.Now())
	}
}
