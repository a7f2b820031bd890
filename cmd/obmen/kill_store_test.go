//go:build linux

package main

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"obmen/watch/store/bucket/buckettest"
)

// A program that is killed when a file's bytes lie in the bucket, and the ledger does not know of them yet, takes the
// file up again: nothing is lost, nothing goes out twice, the bytes lie there once.
func TestKilledBetweenBucketAndLedger(t *testing.T) {
	server := &buckettest.Server{}
	http := httptest.NewServer(server)
	defer http.Close()
	s := newScene(t)
	s.write("obmen.toml", "[watch]\nsettle = \"20ms\"\n[store]\nurl = \"s3://"+buckettest.Bucket+"/shop?endpoint="+http.URL+"\"\n")
	t.Setenv("OBMEN_STORE_KEY", buckettest.Key)
	t.Setenv("OBMEN_STORE_SECRET", buckettest.Secret)
	s.drop("good.json", shopOrders(1001, 1002), "1001", "1002")
	name := "shop/" + hash(shopOrders(1001, 1002))

	stored, killed := make(chan struct{}), make(chan struct{})
	server.Do(func(b *buckettest.Server) {
		b.Stored = func(key string) {
			if key == name {
				close(stored)
				<-killed
			}
		}
	})
	cmd := s.command()
	s.check(cmd.Start())
	<-stored
	s.check(cmd.Process.Signal(os.Kill))
	_ = cmd.Wait() // it was killed
	server.Do(func(b *buckettest.Server) { b.Stored = nil })
	close(killed)
	if err := s.always(); err != nil {
		t.Fatalf("right after the kill: %v", err)
	}
	if err := s.finish(); err != nil {
		t.Fatalf("run again: %v", err)
	}
	keys := slices.DeleteFunc(server.Keys(), func(key string) bool { return strings.HasPrefix(key, "shop/.") })
	if !slices.Equal(keys, []string{name}) {
		t.Errorf("%q", keys)
	}
}
