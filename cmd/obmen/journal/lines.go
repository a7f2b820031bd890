package journal

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
)

// Lines turns text that is written into records, one a line: for parts of the program that print.
type Lines struct {
	Log *slog.Logger

	mu      sync.Mutex
	pending []byte
}

// lineLimit bounds a line that does not end.
const lineLimit = 64 << 10

func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, b...)
	for {
		i := bytes.IndexByte(l.pending, '\n')
		if i < 0 && len(l.pending) < lineLimit {
			return len(b), nil
		}
		if i < 0 {
			i = len(l.pending) - 1
		}
		if line := strings.TrimSpace(string(l.pending[:i+1])); line != "" {
			l.Log.Info(line)
		}
		l.pending = l.pending[i+1:]
	}
}
