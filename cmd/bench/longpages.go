package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// pagePaths are the first pages; each is asked for askedFor times.
const askedFor = 5

func pagePaths(order string) []string {
	return []string{"today", "drop", "held", "files", "catalogs", "onec", "settings", "reports", "order?number=" + order}
}

// quietTime is how long a watcher is looked at that has nothing to do.
const quietTime = 10 * time.Second

// watched is a running watcher with its page.
type watched struct {
	pid    int
	base   *url.URL
	client http.Client
}

// open logs in by a link.
func (w *watched) open(ctx context.Context, obmen, settings string) error {
	const patience = 2 * time.Minute
	w.client.Jar, _ = cookiejar.New(nil)
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		out, err := exec.CommandContext(ctx, obmen, "open", "--print", "--config", settings).Output()
		if err == nil {
			if w.base, err = url.Parse(strings.TrimSpace(string(out))); err != nil {
				return err
			}
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("the page does not open: %w", err)
		}
	}
	r, err := w.client.Get(w.base.String())
	if err != nil {
		return err
	}
	return r.Body.Close()
}

// ask returns the CPU time that a page takes.
func (w *watched) ask(path string) (time.Duration, error) {
	before, _, err := w.used()
	if err != nil {
		return 0, err
	}
	for range askedFor {
		r, err := w.client.Get(w.base.ResolveReference(&url.URL{Path: "/"}).String() + path)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return 0, err
		}
		if r.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("/%s: %s", path, r.Status)
		}
	}
	after, _, err := w.used()
	return (after - before) / askedFor, err
}

// waitUntilQuiet waits until the watcher has done what it does at its start.
func (w *watched) waitUntilQuiet(ctx context.Context) error {
	const patience, pause, little = 3 * time.Minute, 2 * time.Second, 100 * time.Millisecond
	last, _, err := w.used()
	for quiet, end := 0, time.Now().Add(patience); err == nil && quiet < 3 && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(pause)
		var now time.Duration
		now, _, err = w.used()
		if quiet++; now-last > little {
			quiet = 0
		}
		last = now
	}
	return errors.Join(err, ctx.Err())
}

// used returns the CPU time and the memory of the process so far, as Linux tells them.
func (w *watched) used() (cpu time.Duration, memory int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.pid))
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 22 {
		return 0, 0, fmt.Errorf("/proc/%d/stat: %q", w.pid, text)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	pages, err3 := strconv.ParseInt(fields[21], 10, 64)
	const tick = 10 * time.Millisecond // on every machine that Go runs on
	return time.Duration(user+system) * tick, pages * int64(os.Getpagesize()), errors.Join(err1, err2, err3)
}
