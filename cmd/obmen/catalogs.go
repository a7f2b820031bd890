package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
)

// catalogs keeps the newest good snapshot of a folder. A file saved with a mistake is told once and
// leaves the snapshot before it in force.
type catalogs struct {
	dir   string
	s     ui.Streams
	mu    sync.Mutex // every route asks
	state string     // names, sizes and times of the files as last read
	good  *catalog.Snapshot
	saving
}

// current is the newest good snapshot; nil while there is none yet and the files are being saved.
func (c *catalogs) current() (*catalog.Snapshot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := folderState(c.dir)
	if c.good != nil && state == c.state {
		c.stop()
		return c.good, nil
	}
	if !c.done(state) {
		return c.good, nil
	}
	cat, err := loadCatalogs(c.dir)
	if after := folderState(c.dir); c.settle > 0 && after != state { // saved while it was read
		c.done(after)
		return c.good, nil
	}
	c.state = state
	switch {
	case err == nil:
		c.good = cat
	case c.good == nil:
		return nil, err
	default:
		c.s.PrintError(err)
		fmt.Fprintln(c.s.Err, "  the catalogs as they were before stay in force")
	}
	return c.good, nil
}

// changing is for how long the files have been changing.
func (c *catalogs) changing() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lasts()
}

func folderState(dir string) string {
	var b strings.Builder
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
		}
		return nil
	})
	return b.String()
}
