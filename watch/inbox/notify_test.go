package inbox

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"obmen/watch/folder"
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
		if got := (&Pace{Poll: poll}).pause(c.since, c.trusted); got != c.want {
			t.Errorf("%s after an arrival, events %v: every %s, want %s", c.since, c.trusted, got, c.want)
		}
	}
	if got := (&Pace{Poll: 10 * time.Millisecond}).pause(0, true); got != 10*time.Millisecond {
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

func TestNotifierProbesAndWakes(t *testing.T) {
	dir, also := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, folder.Marker), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var events Events
	defer events.Close()
	e := openNotifier(&events, dir, also, "", filepath.Join(dir, "not there"))
	defer e.close()
	if e.remote {
		t.Skip("the folder of tests is on a file system without events")
	}
	eventually(t, "the probe makes an event", e.trusted)
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	e.watchFolder(sub)
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
			t.Errorf("a file in %s makes no event", where)
		}
	}
}
