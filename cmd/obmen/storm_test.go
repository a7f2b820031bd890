//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// storm is the size of a kill storm.
type storm struct{ files, doubles, kills int }

// A day of bad luck: the program is killed again and again at random moments while a thousand files lie
// in the inbox, some of them twice under another name, and somebody opens all that can be seen.
func TestKillStorm(t *testing.T) {
	size := storm{files: 200, doubles: 20, kills: 15}
	if os.Getenv("CI") == "true" && !testing.Short() {
		size = storm{files: 1000, doubles: 50, kills: 30}
	}
	s := newScene(t)
	for n := range size.files {
		text := shopOrders(n + 1)
		s.drop(fmt.Sprintf("%04d.json", n), text, fmt.Sprint(n+1))
		if n < size.doubles {
			s.drop(fmt.Sprintf("copy of %04d.json", n), text)
		}
	}
	reading, stop := context.WithCancel(t.Context())
	read := make(chan error, 1)
	go func() { read <- s.keepReading(reading) }()

	start := time.Now()
	kills := s.storm(size.kills)
	t.Logf("%d kills in %s", kills, time.Since(start).Round(time.Millisecond))
	if kills < size.kills {
		t.Errorf("watch ended after %d kills of %d", kills, size.kills)
	}
	if err := s.always(); err != nil {
		t.Errorf("after the last kill: %v", err)
	}
	if err := s.finish(); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-read; err != nil {
		t.Error(err)
	}
	if got, want := len(s.files("archive")), size.files+size.doubles; got != want {
		t.Errorf("%d files in the archive, want %d", got, want)
	}
}

// patient is how many kills in a row may come before anything is done: the fifth on one file would make
// it one that kills the program, and on a slow machine the start alone takes longer than most moments.
const patient = 3

// storm kills watch at random moments, so many times or until it ends by itself.
func (s *scene) storm(kills int) (done int) {
	s.t.Helper()
	archived, fruitless := 0, 0
	for ; done < kills; done++ {
		if now := len(s.files("archive")); now > archived {
			archived, fruitless = now, 0
		}
		least := -1
		if fruitless++; fruitless > patient {
			least = archived
		}
		cmd := s.command()
		s.check(cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
			return done
		case <-s.after(least, 20*time.Millisecond+rand.N(100*time.Millisecond)):
			s.check(cmd.Process.Kill())
			if err := <-ended; exitedByItself(err) {
				return done
			}
		}
	}
	return done
}

// after waits until the archive has more files than so many, and then for a moment.
func (s *scene) after(least int, moment time.Duration) <-chan time.Time {
	deadline := time.Now().Add(time.Minute)
	for len(s.files("archive")) <= least && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	return time.After(moment)
}

func exitedByItself(err error) bool {
	failed, ok := err.(*exec.ExitError)
	return !ok || failed.Exited()
}

// keepReading opens everything in the outbox over and over.
func (s *scene) keepReading(ctx context.Context) error {
	for rounds := 0; ; rounds++ {
		if ctx.Err() != nil {
			if rounds == 0 {
				return fmt.Errorf("the outbox was never read")
			}
			return nil
		}
		if err := wholeFolder(s.path("outbox")); err != nil {
			return err
		}
	}
}
