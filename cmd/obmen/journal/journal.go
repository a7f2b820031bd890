// Package journal is the log of a program that runs for months: readable lines or JSON, on the standard error
// output, in systemd's journal, in files that are rotated, in the event log of Windows. A warning that repeats is
// told once and then counted.
package journal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"github.com/DeRuina/timberjack"
)

// Formats of lines.
const (
	Text = "text"
	JSON = "json"
)

// Options choose where the log goes and what it looks like.
type Options struct {
	Stderr  io.Writer
	Journal bool   // Stderr is systemd's journal: it has its own time, and takes priorities
	Format  string // Text or JSON
	Level   slog.Level

	File   string                    // also into this file; empty: none
	FileMB int                       // a file of this size is put aside and a new one begun
	Keep   int                       // how many of those that were put aside are kept, packed
	Safe   func(io.Writer) io.Writer // takes out what a terminal would obey

	System slog.Handler // the event log of Windows; nil elsewhere
}

// Defaults of rotation: a few years of a quiet exchange, a few weeks of a loud one, in at most 20 MB.
const (
	DefaultFileMB = 10
	DefaultKeep   = 5
)

// Log is the log of a run.
type Log struct {
	*slog.Logger
	file *timberjack.Logger
}

// New opens a log.
func New(o Options) (*Log, error) {
	l := &Log{}
	all := fanout{handler(o.Stderr, o.Format, o.Level, o.Journal)}
	if o.File != "" {
		l.file = &timberjack.Logger{
			Filename: o.File, MaxSize: o.FileMB, MaxBackups: o.Keep, Compression: "gzip", LocalTime: true, FileMode: 0o640,
		}
		if _, err := l.file.Write(nil); err != nil {
			return nil, &FileError{o.File, err}
		}
		all = append(all, handler(o.Safe(l.file), o.Format, o.Level, false))
	}
	if o.System != nil {
		all = append(all, o.System)
	}
	l.Logger = slog.New(newRepeats(all))
	return l, nil
}

// Close ends the file. What is logged later goes to the other places.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// FileError is a log file that cannot be written.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return "log file: " + e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// Hint returns the next step, one line.
func (e *FileError) Hint() string {
	return "let the account that runs obmen write into " + filepath.Dir(e.Path) + ", or change file in [log]"
}

// ParseLevel reads a level as settings spell it; empty is info.
func ParseLevel(text string) (level slog.Level, err error) {
	if text == "" {
		return slog.LevelInfo, nil
	}
	if strings.ContainsAny(text, "+-") {
		return level, errors.New("not a level")
	}
	return level, level.UnmarshalText([]byte(text))
}

func handler(w io.Writer, format string, level slog.Level, journal bool) slog.Handler {
	if format == JSON {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lowerLevel})
	}
	return &textHandler{w: w, level: level, journal: journal}
}

// lowerLevel writes levels as the settings spell them.
func lowerLevel(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.LevelKey {
		return slog.String(a.Key, strings.ToLower(a.Value.String()))
	}
	return a
}

// fanout hands each record to several handlers. One that fails stops no other.
type fanout []slog.Handler

func (f fanout) Enabled(ctx context.Context, level slog.Level) bool {
	for _, h := range f {
		if h.Enabled(ctx, level) {
			return true
		}
	}
	return false
}

func (f fanout) Handle(ctx context.Context, r slog.Record) error {
	var errs []error
	for _, h := range f {
		if h.Enabled(ctx, r.Level) {
			errs = append(errs, h.Handle(ctx, r.Clone()))
		}
	}
	return errors.Join(errs...)
}

func (f fanout) WithAttrs(attrs []slog.Attr) slog.Handler {
	list := make(fanout, len(f))
	for i, h := range f {
		list[i] = h.WithAttrs(attrs)
	}
	return list
}

func (f fanout) WithGroup(name string) slog.Handler {
	list := make(fanout, len(f))
	for i, h := range f {
		list[i] = h.WithGroup(name)
	}
	return list
}

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
