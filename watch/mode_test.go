package watch

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	const poll = 2 * time.Second
	for _, c := range []struct {
		since   time.Duration
		trusted bool
		want    time.Duration
	}{
		{0, true, livelyPoll},
		{livelyFor - 1, false, livelyPoll},
		{livelyFor, true, poll},
		{quietAfter, true, poll * quietTimes},
		{quietAfter, false, poll}, // no events: looking is all there is
	} {
		if got := pace(poll, c.since, c.trusted); got != c.want {
			t.Errorf("%s after an arrival, events %v: every %s, want %s", c.since, c.trusted, got, c.want)
		}
	}
	if got := pace(10*time.Millisecond, 0, true); got != 10*time.Millisecond {
		t.Errorf("a shorter period of the settings becomes %s", got)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never: " + what)
}

func TestEyesProbeAndWake(t *testing.T) {
	dir, also := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, Marker), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	e := openEyes(dir, also, "", filepath.Join(dir, "not there"))
	defer e.close()
	if e.remote {
		t.Skip("the folder of tests is on a file system without events")
	}
	eventually(t, "the probe makes an event", e.trusted)
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	e.add(sub)
	for _, where := range []string{dir, also, sub} {
		for len(e.wake) > 0 {
			<-e.wake
			time.Sleep(20 * time.Millisecond)
		}
		if err := os.WriteFile(filepath.Join(where, "f"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		select {
		case <-e.wake:
		case <-time.After(time.Minute):
			t.Errorf("a file in %s wakes nobody", where)
		}
	}
}

// A file that is dropped into a sub-folder while the watcher sleeps is seen by its event.
func TestAnEventEndsTheSleep(t *testing.T) {
	p := newPlace(t)
	p.w.Poll, p.r.Depth = time.Hour, 1
	sub := filepath.Join(p.r.Inbox, "sub")
	if err := os.Mkdir(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	k := newWorker(p.w, p.r)
	k.arrived = time.Now().Add(-livelyFor) // nothing came of late
	if err := k.settler.compile(); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.w.raw().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.run(ctx, false) }()
	eventually(t, "it rests", func() bool {
		_, err := os.Stat(filepath.Join(p.r.Inbox, Marker))
		return err == nil && k.pulse.busy() == ""
	})
	time.Sleep(100 * time.Millisecond)
	p.put(sub, "good.json", shopFile(1, "02", "A", "5.00"))
	eventually(t, "the file is done", func() bool { return len(p.names(p.r.Archive)) == 1 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// With a marker a file is taken when the marker is there; the marker goes with it, and comes back with a
// file that is given back.
func TestDoneMarkers(t *testing.T) {
	p := newPlace(t)
	p.r.Done = ".done"
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "b.json", shopFile(2, "02", "A", "5.00"))
	p.put(p.r.Inbox, "b.json.done", "")
	p.once()
	p.expect("inbox", p.names(p.r.Inbox), []string{"a.json"})
	p.expect("archive", p.names(p.r.Archive), []string{"b.json"})
	k := newWorker(p.w, p.r)
	if err := k.take(t.Context(), k.w.fs(), settled{path: filepath.Join(p.r.Inbox, "a.json"), name: "a.json"}); err != nil {
		t.Fatal(err)
	}
	names, err := k.claimed()
	if err != nil || len(names) != 1 {
		t.Fatalf("claimed %q, %v", names, err)
	}
	if err := k.giveBack(t.Context(), names[0], "it changes"); err != nil {
		t.Fatal(err)
	}
	p.expect("inbox after giving back", p.names(p.r.Inbox), []string{"a.json", "a.json.done"})
}

// A charset that a side file names is the report's own, wherever the file goes.
func TestSideFilesFollow(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "a.json", shopFile(1, "02", "A", "5.00"))
	p.put(p.r.Inbox, "a.json"+CharsetSuffix, "UTF-8")
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"a.json", "a.json" + CharsetSuffix})
	p.expect("inbox", p.names(p.r.Inbox), nil)
}
