package drop

import (
	"fmt"
	"os"
)

// Observation is what can be seen of a file without opening it. Two equal observations, some time apart
// on the caller's own clock, say that nobody wrote in between; the age of the times says nothing, since
// copying tools keep the old ones (facts, filedrop 0).
type Observation struct {
	Size     int64
	Modified int64 // nanoseconds since 1970
	Changed  int64 // nanoseconds; the system's own mark of the last change, which no program can set back
	Volume   uint64
	ID       uint64 // of the file on its volume
}

// Observe looks at a file once. It follows no symbolic link and refuses whatever is not a regular file
// (ErrNotRegular): opening a FIFO would wait for ever. A file that is gone is fs.ErrNotExist.
func Observe(path string) (Observation, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Observation{}, refused("look at", path, err)
	}
	if !info.Mode().IsRegular() {
		return Observation{}, refused("look at", path, fmt.Errorf("%w: %s", ErrNotRegular, kind(info.Mode())))
	}
	o, err := observe(path, info)
	return o, refused("look at", path, err)
}
