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

// A day of bad luck: the program is killed again and again in the middle of its work while a thousand files come
// into the inbox, some of them twice under another name, and all that can be seen is opened. What triggers a kill is
// progress, never time: the storm is the same on any machine.
func TestKillStorm(t *testing.T) {
	size := storm{files: 200, doubles: 20, kills: 15}
	if os.Getenv("CI") == "true" && !testing.Short() {
		size = storm{files: 1000, doubles: 50, kills: 30}
	}
	s := newScene(t)
	reading, stop := context.WithCancel(t.Context())
	read := make(chan error, 1)
	go func() { read <- s.keepReading(reading) }()
	s.storm(size)
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

// patient is how many kills in a row may come before a file is done: the fifth on one file would make it one that
// kills the program.
const patient = 3

// storm drops a share of the files before each run of a watch that never ends by itself, and kills it when a
// part of its work shows: a file claimed, published or archived. Only every few kills must the part be the last one.
func (s *scene) storm(size storm) {
	s.t.Helper()
	signs := []string{"inbox", "outbox", "archive"} // where a claim, a set and the end of a file show
	dropped, archived, fruitless := 0, 0, 0
	for kill := range size.kills {
		for ; dropped < size.files*(kill+1)/size.kills; dropped++ {
			text := shopOrders(dropped + 1)
			s.drop(fmt.Sprintf("%04d.json", dropped), text, fmt.Sprint(dropped+1))
			if dropped < size.doubles {
				s.drop(fmt.Sprintf("copy of %04d.json", dropped), text)
			}
		}
		if now := len(s.files("archive")); now > archived {
			archived, fruitless = now, 0
		}
		sign := signs[rand.IntN(len(signs))]
		if fruitless++; fruitless > patient {
			sign = "archive"
		}
		s.killOnSign(kill, sign)
	}
}

// killOnSign starts watch and kills it when the number of files in a folder changes.
func (s *scene) killOnSign(kill int, sign string) {
	s.t.Helper()
	before := len(s.files(sign))
	process, ended := s.watchUntil()
	s.until(fmt.Sprintf("kill %d: something happens in %s", kill, sign), progressPatience, func() bool {
		return len(s.files(sign)) != before
	})
	s.check(process.Kill())
	if err := <-ended; exitedByItself(err) {
		s.t.Fatalf("kill %d: watch ended by itself: %v", kill, err)
	}
}

// progressPatience is when a program that shows no progress counts as one that hangs. It is no measure of speed.
const progressPatience = 5 * time.Minute

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
