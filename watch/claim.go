package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// CharsetSuffix names the side file that tells a report's charset: orders.txt.charset holds "Cp1252".
const CharsetSuffix = ".charset"

// claimMark parts a claim's number from the name that the file was dropped with.
const claimMark = "__"

// longestName leaves room for the claim's number: names have at most 255 bytes.
const longestName = 200

var claims atomic.Uint32

// claimName is a name that no file had before, and that sorts by the time of claiming.
func claimName(name string, now time.Time) string {
	if len(name) > longestName {
		name = strings.ToValidUTF8(name[len(name)-longestName:], "")
	}
	number := fmt.Sprintf("%011s%05d", strconv.FormatInt(now.UnixNano()/1000, 36), claims.Add(1)%100_000)
	return number + claimMark + name
}

// droppedName is the name that a claimed file was dropped with.
func droppedName(claim string) string {
	_, name, ok := strings.Cut(claim, claimMark)
	if !ok {
		return claim
	}
	return name
}

// claimed lists the claimed files of the route, first claimed first; side files go with theirs.
func (k *worker) claimed() ([]string, error) {
	entries, err := k.w.fs().ReadDir(k.claim().Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasSuffix(e.Name(), CharsetSuffix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// errChanging says that a file changed while its bytes were copied.
var errChanging = errors.New("the file changes while it is read")

// snapshot copies a claimed file into the state folder, where nobody changes it any more. All later
// work reads the copy.
func (k *worker) snapshot(ctx context.Context, claim string) (sha256 string, size int64, err error) {
	path := filepath.Join(k.claim().Dir, claim)
	k.pulse.beat(k.place("inbox", k.r.Inbox))
	kept, err := k.w.keep(ctx, func(w io.Writer) error { return k.w.copySteady(touching{w, &k.pulse}, path) })
	if err != nil {
		return "", 0, err
	}
	if err := k.leftMarker(claim); err != nil {
		return "", 0, err
	}
	return kept.SHA256, kept.Size, k.rawCharset(ctx, claim, kept.SHA256)
}

// leftMarker takes away a done-marker that a killed run left between the file's claim and its own end.
func (k *worker) leftMarker(claim string) error {
	path := filepath.Join(k.r.Inbox, droppedName(claim))
	if k.r.Done == "" {
		return nil
	}
	if _, err := k.w.fs().Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return nil // a new file of that name; the marker is its own
	}
	if _, err := k.w.fs().Lstat(path + k.r.Done); err != nil {
		return nil
	}
	return k.unmark(path)
}

// rawCharset keeps a side file beside the copy. One that a killed run left in the inbox, between the
// file's claim and its own, is claimed first.
func (k *worker) rawCharset(ctx context.Context, claim, sha256 string) error {
	path := filepath.Join(k.claim().Dir, claim+CharsetSuffix)
	if _, err := k.w.fs().Lstat(path); errors.Is(err, os.ErrNotExist) {
		left := filepath.Join(k.r.Inbox, droppedName(claim)+CharsetSuffix)
		if _, err := k.claim().Move(ctx, left, filepath.Base(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	text, err := k.w.read(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.w.keepCharset(ctx, sha256, text)
}

// touching shows the watchdog that bytes come.
type touching struct {
	io.Writer
	pulse *pulse
}

func (t touching) Write(b []byte) (int, error) {
	t.pulse.touch()
	return t.Writer.Write(b)
}

func (w *Watcher) copyFile(to io.Writer, path string) error {
	r, err := w.fs().Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(to, r)
	return err
}
