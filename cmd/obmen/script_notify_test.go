package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// fakehook FILE starts a server that writes the messages it gets into FILE, a heartbeat into beats.txt, and
// whose address is $HOOK.
func fakehook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fakehook FILE")
	}
	var mu sync.Mutex
	add := func(name, text string) {
		mu.Lock()
		defer mu.Unlock()
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err == nil {
			_, _ = f.WriteString(text + "\n")
			f.Close()
		}
	}
	told, beats := ts.MkAbs(args[0]), ts.MkAbs("beats.txt")
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/heartbeat") {
			add(beats, r.URL.Path)
			return
		}
		text, _ := io.ReadAll(r.Body)
		var m struct{ Message string }
		_ = json.Unmarshal(text, &m)
		add(told, m.Message)
	}))
	ts.Defer(server.Close)
	ts.Setenv("HOOK", server.URL)
}

// appendhook FILE TARGET appends a file with the address of the fake in it.
func appendhook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: appendhook FILE TARGET")
	}
	text := ts.ReadFile(args[1]) + strings.ReplaceAll(ts.ReadFile(args[0]), "HOOK", ts.Getenv("HOOK"))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// appendfile FILE TARGET appends a file to another.
func appendfile(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[1]) + "\n" + ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// waitglob PATTERN waits for a file of such a name.
func waitglob(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found, _ := filepath.Glob(ts.MkAbs(args[0])); len(found) > 0 {
			return
		}
	}
	ts.Fatalf("no file %s", args[0])
}

// freeport puts a port that is free into $PORT.
func freeport(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv("PORT", port)
}

// waitset DIR waits for an exchange file.
func waitset(ts *testscript.TestScript, _ bool, args []string) { exchangeFile(ts, args[0]) }

// refuse WORK WORDS answers the exchange file in WORK/outbox as a 1C that refuses it.
func refuse(ts *testscript.TestScript, _ bool, args []string) {
	name := filepath.Base(exchangeFile(ts, filepath.Join(args[0], "outbox")))
	answer := filepath.Join(ts.MkAbs(args[0]), "ack", strings.TrimSuffix(name, ".xml")+".err")
	ts.Check(os.WriteFile(answer, []byte(args[1]), 0o666))
}

func exchangeFile(ts *testscript.TestScript, dir string) string {
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(ts.MkAbs(dir), "*.xml")); len(found) > 0 {
			return found[0]
		}
	}
	ts.Fatalf("no exchange file came into %s", dir)
	return ""
}
