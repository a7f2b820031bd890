package folder

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"obmen/watch/drop"
)

// nameLengths are the longest names of usual file systems, and what is left of them under encryption.
var nameLengths = []int{255, 200, 143, drop.MaxName}

func askName(_ context.Context, _, work string) Finding {
	for _, n := range nameLengths {
		if err := write(filepath.Join(work, strings.Repeat("n", n)), ""); err == nil {
			if n < longName {
				return caution("files with long names may be refused here: keep names under 100 letters", "%d bytes", n)
			}
			return fine("%d bytes", n)
		}
	}
	return Finding{Level: Bad, Text: "not even 100 bytes", Follows: "obmen cannot name its files here: use a folder with a shorter path"}
}

// longName is the longest file name that obmen makes of a dropped name.
const longName = 200

// skew is how far the clock of a share may be off before people wonder about the times of files.
const skew = 2 * time.Second

func askClock(_ context.Context, _, work string) Finding {
	path := filepath.Join(work, "clock")
	before := time.Now()
	if err := write(path, "clock"); err != nil {
		return caution("", "%v", err)
	}
	after := time.Now()
	info, err := os.Stat(path)
	if err != nil {
		return caution("", "%v", err)
	}
	off := time.Duration(0)
	switch at := info.ModTime(); {
	case at.Before(before):
		off = before.Sub(at)
	case at.After(after):
		off = at.Sub(after)
	}
	if off > skew {
		return caution("nothing to do: obmen never judges a file by its age; limits by age are off by as much", "differs from this computer's by %s", off.Round(time.Second))
	}
	return fine("agrees with this computer's")
}

func askSpace(_ context.Context, dir, _ string) Finding {
	free, err := freeSpace(dir)
	switch {
	case err != nil:
		return caution("", "cannot be told: %v", err)
	case free < DefaultFree:
		return caution("nothing is claimed before there is more", "%d MB, %d MB are needed", free>>20, DefaultFree>>20)
	}
	return fine("%d MB", free>>20)
}
