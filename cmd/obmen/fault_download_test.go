//go:build linux

package main

import (
	"errors"
	"testing"

	"obmen/cmd/obmen/setup"
	"obmen/watch/folder"
	"obmen/watch/inbox"
)

// A download stops while the disk has room for what others write there, and leaves nothing behind.
func TestDownloadLeavesRoom(t *testing.T) {
	s := newScene(t)
	s.mount("inbox", "-t", "tmpfs", "-o", "size=200m", "tmpfs")
	file, err := setup.Inbox{Route: &inbox.Route{Places: inbox.Places{Inbox: s.path("inbox")}}}.Create()
	s.check(err)
	var refused *folder.PauseError
	written := 0
	for chunk := make([]byte, 1<<20); err == nil && written < 300; written++ {
		_, err = file.Write(chunk)
	}
	if !errors.As(err, &refused) || refused.Hint() == "" || written < 64 {
		t.Fatalf("after %d MB: %v", written, err)
	}
	free, err := folder.FreeSpace(s.path("inbox"))
	s.check(err)
	if free < folder.DefaultFree {
		t.Errorf("only %d MB are left", free>>20)
	}
	s.check(file.Abort())
	if left := s.files("inbox"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
