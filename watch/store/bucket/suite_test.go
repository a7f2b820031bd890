package bucket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"obmen/watch/drop"
	"obmen/watch/store"
	"obmen/watch/store/bucket"
	"obmen/watch/store/bucket/buckettest"
)

// kept is a store of a test, and what others may do to what lies in it.
type kept struct {
	store.Store
	names  func() []string
	change func(name, text string)
}

// openBucket is a bucket of a server.
func openBucket(t *testing.T, server *buckettest.Server, change func(*bucket.Options)) *bucket.Bucket {
	t.Helper()
	http := httptest.NewServer(server)
	t.Cleanup(http.Close)
	a, err := bucket.ParseAddress("s3://" + buckettest.Bucket + "/shop/one?endpoint=" + http.URL)
	if err != nil {
		t.Fatal(err)
	}
	opt := bucket.Options{Address: a, Key: buckettest.Key, Secret: buckettest.Secret, Pause: func(context.Context, time.Duration) {}}
	if change != nil {
		change(&opt)
	}
	b, err := bucket.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func stateFolder(t *testing.T) string {
	t.Helper()
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, "raw"), 0o700); err != nil {
		t.Fatal(err)
	}
	return state
}

func inFolder(t *testing.T) kept {
	s := store.Store{State: stateFolder(t)}
	dir := s.Folder().Dir
	return kept{s, func() (list []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() {
				list = append(list, e.Name())
			}
		}
		return list
	}, func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}}
}

func inBucket(t *testing.T, server *buckettest.Server) kept {
	s := store.Store{State: stateFolder(t), Remote: openBucket(t, server, nil)}
	return kept{s, func() (list []string) {
		for _, key := range server.Keys() {
			list = append(list, strings.TrimPrefix(key, "shop/one/"))
		}
		return list
	}, func(name, text string) { server.Set("shop/one/"+name, []byte(text), time.Now()) }}
}

func newEncryption(t *testing.T) *store.Encryption {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := store.NewEncryption([]string{key.Recipient().String()}, path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// each runs a test for every kind of store, plain and encrypted.
func each(t *testing.T, test func(t *testing.T, k kept)) {
	for name, open := range map[string]func(*testing.T) kept{
		"folder":                       inFolder,
		"bucket":                       func(t *testing.T) kept { return inBucket(t, &buckettest.Server{Page: 3}) },
		"bucket that replaces":         func(t *testing.T) kept { return inBucket(t, &buckettest.Server{Replaces: true}) },
		"bucket that knows no if-none": func(t *testing.T) kept { return inBucket(t, &buckettest.Server{Unsupported: true}) },
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, open(t)) })
		t.Run(name+", encrypted", func(t *testing.T) {
			t.Parallel()
			k := open(t)
			k.Encryption = newEncryption(t)
			test(t, k)
		})
	}
}

func keep(t *testing.T, k kept, text string) store.Bytes {
	t.Helper()
	b, err := k.Keep(t.Context(), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, k kept, sha string) (string, error) {
	t.Helper()
	in, err := k.ExistingInput(sha, "a.txt")
	if err != nil {
		return "", err
	}
	r, err := in.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	return string(text), err
}

// What is kept is there once, as it was, until it is removed.
func TestKeepAndRemove(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kept) {
		texts := map[string]string{}
		for _, text := range []string{"one", "two", "", "one", strings.Repeat("three ", 100_000)} {
			b := keep(t, k, text)
			if b.Size != int64(len(text)) {
				t.Errorf("%d bytes of %d", b.Size, len(text))
			}
			texts[b.SHA256] = text
		}
		copies, err := k.Copies()
		if err != nil || len(copies) != len(texts) {
			t.Fatalf("%d copies of %d, %v", len(copies), len(texts), err)
		}
		for _, c := range copies {
			if got, err := read(t, k, c.SHA256); err != nil || got != texts[c.SHA256] {
				t.Errorf("%.10q of %.10q, %v", got, texts[c.SHA256], err)
			}
			if err := errors.Join(k.Verify(c.SHA256), k.CheckKey(c.SHA256)); err != nil {
				t.Error(err)
			}
			if age := time.Since(c.Kept); age < -time.Minute || age > time.Hour {
				t.Errorf("kept %s ago", age)
			}
		}
		if err := k.Each(func(o store.Object) error { return k.RemoveAll([]string{o.Name}) }); err != nil {
			t.Fatal(err)
		}
		if names := k.names(); len(names) > 0 {
			t.Errorf("left: %q", names)
		}
		if _, err := read(t, k, copies[0].SHA256); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("read when it is gone: %v", err)
		}
		if err := k.Verify(copies[0].SHA256); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("verified when it is gone: %v", err)
		}
		if err := k.RemoveAll([]string{copies[0].SHA256, copies[0].SHA256}); err != nil {
			t.Errorf("removed twice: %v", err)
		}
	})
}

// A side file and the routes stay with the bytes; the last charset counts.
func TestSideFilesAndOrigins(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kept) {
		sha := keep(t, k, "report").SHA256
		for _, charset := range []string{"Cp1252", "Cp1252", "UTF-8\n"} {
			changes, err := k.CharsetChanges(sha, []byte(charset))
			if was := k.Input(sha, "a").Charset; err != nil || changes != (was != strings.TrimSpace(charset)) {
				t.Errorf("%q after %q: changes %v, %v", charset, was, changes, err)
			}
			if err := k.KeepCharset(t.Context(), sha, []byte(charset)); err != nil {
				t.Fatal(err)
			}
			if got := k.Input(sha, "a").Charset; got != strings.TrimSpace(charset) {
				t.Errorf("charset %q, want %q", got, charset)
			}
		}
		if changes, err := k.CharsetChanges(strings.Repeat("0", 64), []byte("UTF-8")); changes || err != nil {
			t.Errorf("of bytes that are not there: %v, %v", changes, err)
		}
		for _, route := range []string{"b", "a", "b"} {
			if err := k.RecordOrigin(t.Context(), sha, store.Origin{Route: route}); err != nil {
				t.Fatal(err)
			}
		}
		origins, err := k.Origins(sha)
		slices.SortFunc(origins, func(a, b store.Origin) int { return strings.Compare(a.Route, b.Route) })
		if err != nil || !slices.Equal(origins, []store.Origin{{Route: "a"}, {Route: "b"}}) {
			t.Errorf("%v, %v", origins, err)
		}
		if names := k.names(); len(names) != 4 {
			t.Errorf("%q", names)
		}
	})
}

// A damaged copy is told from a whole one, and the same bytes heal it: dropped once more, or found in the archive.
func TestDamagedCopies(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k kept) {
		sha := keep(t, k, "whole").SHA256
		damage := func() {
			for _, name := range k.names() {
				k.change(name, "what others wrote")
			}
			if err := k.Verify(sha); !errors.Is(err, store.ErrDamaged) {
				t.Fatalf("damaged: %v", err)
			}
		}
		damage()
		keep(t, k, "whole")
		if text, err := read(t, k, sha); text != "whole" || err != nil {
			t.Errorf("%q, %v", text, err)
		}
		damage()
		archived := filepath.Join(t.TempDir(), "a.json")
		if err := os.WriteFile(archived, []byte("whole"), 0o600); err != nil {
			t.Fatal(err)
		}
		if done, err := k.Restock(t.Context(), sha, archived); !done || err != nil {
			t.Fatalf("%v, %v", done, err)
		}
		if err := k.Verify(sha); err != nil || len(k.names()) != 1 {
			t.Errorf("%v, %q", err, k.names())
		}
	})
}

// What was kept plain is replaced when the same bytes come again after encryption was turned on, and is read until then.
func TestEncryptionIsTurnedOn(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]kept{"folder": inFolder(t), "bucket": inBucket(t, &buckettest.Server{})} {
		t.Run(name, func(t *testing.T) {
			sha := keep(t, k, "secret").SHA256
			k.Encryption = newEncryption(t)
			if text, err := read(t, k, sha); text != "secret" || err != nil {
				t.Errorf("%q, %v", text, err)
			}
			for range 2 {
				keep(t, k, "secret")
				if names := k.names(); !slices.Equal(names, []string{sha + store.EncryptedSuffix}) {
					t.Errorf("%q", names)
				}
			}
			if text, err := read(t, k, sha); text != "secret" || err != nil {
				t.Errorf("%q, %v", text, err)
			}
			k.Encryption = newEncryption(t)
			if err := k.CheckKey(sha); err == nil {
				t.Error("a foreign key reads it")
			}
			keep(t, k, "secret")
			if text, err := read(t, k, sha); text != "secret" || err != nil {
				t.Errorf("after another key: %q, %v", text, err)
			}
		})
	}
}

// Files that are put together are all there; one whose name has other bytes is refused.
func TestPutAll(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]kept{"folder": inFolder(t), "bucket": inBucket(t, &buckettest.Server{})} {
		t.Run(name, func(t *testing.T) {
			put := func(texts ...string) ([]drop.Entry, error) {
				set := k.Folder().Stage()
				defer set.Abort()
				var entries []drop.Entry
				for _, text := range texts {
					f, err := set.Create()
					if err == nil {
						_, err = io.Copy(f, bytes.NewReader([]byte(text)))
					}
					if err != nil {
						t.Fatal(err)
					}
					entries = append(entries, drop.Entry{File: f, Name: f.SHA256()})
				}
				return entries, k.PutAll(t.Context(), set, entries...)
			}
			var texts []string
			for i := range 20 {
				texts = append(texts, strings.Repeat("x", i))
			}
			for range 2 {
				entries, err := put(texts...)
				if err != nil || len(k.names()) != len(texts) {
					t.Fatalf("%v, %d names", err, len(k.names()))
				}
				if err := k.Verify(entries[3].Name); err != nil {
					t.Error(err)
				}
			}
			entries, err := put("new")
			if err != nil {
				t.Fatal(err)
			}
			k.change(entries[0].Name, "old")
			if _, err := put("new"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a name with other bytes: %v", err)
			}
			left, err := os.ReadDir(filepath.Join(k.Folder().Dir, drop.TempDir))
			if err != nil || len(left) > 0 {
				t.Errorf("left in the folder for files that are being written: %d, %v", len(left), err)
			}
		})
	}
}
