package journal_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obmen/cmd/obmen/journal"
)

func open(t *testing.T, o journal.Options) (*journal.Log, *strings.Builder) {
	t.Helper()
	var out strings.Builder
	o.Stderr = &out
	o.Safe = func(w io.Writer) io.Writer { return w }
	l, err := journal.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, &out
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out := open(t, journal.Options{})
		l.Warn("cannot be read", journal.Route, "main", journal.File, "a.json", journal.Hint, "mend it")
		want := time.Now().Format(time.DateTime) + " warn  main: a.json: cannot be read  → mend it\n"
		if out.String() != want {
			t.Errorf("%q, want %q", out, want)
		}
	})
}

func TestJournalGetsPrioritiesAndNoTime(t *testing.T) {
	l, out := open(t, journal.Options{Journal: true})
	l.Error("broken")
	l.Warn("look")
	l.Info("two\nlines")
	l.Debug("not wanted")
	if want := "<3>broken\n<4>look\n<6>two lines\n"; out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestJSONLinesHaveAllFields(t *testing.T) {
	l, out := open(t, journal.Options{Format: journal.JSON})
	l.Warn("cannot be read", journal.Route, "main", journal.File, "a.json")
	var line map[string]string
	if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
		t.Fatal(err)
	}
	if line["level"] != "warn" || line["route"] != "main" || line["file"] != "a.json" || line["msg"] != "cannot be read" || line["time"] == "" {
		t.Errorf("%v", line)
	}
}

func TestWhatRepeatsIsToldOnceAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out := open(t, journal.Options{Journal: true})
		for i := range 100 {
			l.Warn("no share", journal.Route, "main", journal.Hint, fmt.Sprint("try ", i))
			l.Info("a file")
			time.Sleep(time.Minute)
		}
		if got := strings.Count(out.String(), "no share"); got != 2 {
			t.Errorf("told %d times in 100 minutes", got)
		}
		if !strings.Contains(out.String(), "repeated=59") || strings.Count(out.String(), "a file") != 100 {
			t.Errorf("%s", out)
		}
	})
}

func TestFilesAreRotated(t *testing.T) {
	dir := t.TempDir()
	l, _ := open(t, journal.Options{File: filepath.Join(dir, "obmen.log"), FileMB: 1, Keep: 2})
	line := strings.Repeat("x", 10_000)
	for range 250 {
		l.Info(line)
	}
	l.Close()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 2 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

func TestAFileThatCannotBeWrittenIsAnErrorWithANextStep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := journal.New(journal.Options{Stderr: io.Discard, File: filepath.Join(dir, "obmen.log"), Safe: func(w io.Writer) io.Writer { return w }})
	if hint, ok := err.(interface{ Hint() string }); !ok || hint.Hint() == "" {
		t.Errorf("%v", err)
	}
}

func TestPrintedLinesBecomeRecords(t *testing.T) {
	l, out := open(t, journal.Options{Journal: true})
	w := &journal.Lines{Log: l.Logger}
	fmt.Fprint(w, "one\n\ntw")
	fmt.Fprint(w, "o\n")
	if want := "<6>one\n<6>two\n"; out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestLevels(t *testing.T) {
	for text, want := range map[string]slog.Level{"": slog.LevelInfo, "debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError} {
		if got, err := journal.ParseLevel(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if _, err := journal.ParseLevel("loud"); err == nil {
		t.Error("loud is a level")
	}
}
