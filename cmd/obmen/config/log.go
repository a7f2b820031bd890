package config

import (
	"fmt"
	"log/slog"

	"obmen/cmd/obmen/journal"
)

// Log holds what the [log] section says.
type Log struct {
	Format string // of journal.Text and journal.JSON
	Level  slog.Level
	File   string // empty: none
	FileMB int
	Keep   int
}

// logSection is the shape of [log].
type logSection struct {
	Format string `toml:"format"`
	Level  string `toml:"level"`
	File   string `toml:"file"`
	FileMB *int64 `toml:"file_mb"`
	Keep   *int64 `toml:"keep"`
}

func (c *checker) checkLog(l *Log, s *logSection) {
	add := c.problemsOf("log")
	c.checkChoice(add, "format", s.Format, "", journal.Text, journal.JSON)
	l.Format = s.Format
	var err error
	if l.Level, err = journal.ParseLevel(s.Level); err != nil {
		add("level", s.Level, "no such level", `write "debug", "info", "warn" or "error"`)
	}
	if s.File != "" {
		l.File = c.makeAbsolute(s.File)
	}
	const mostMB, mostKept = 10_000, 1000
	l.FileMB = int(c.checkNumber(add, "file_mb", s.FileMB, journal.DefaultFileMB, mostMB))
	l.Keep = int(c.checkNumber(add, "keep", s.Keep, journal.DefaultKeep, mostKept))
	if s.FileMB != nil && *s.FileMB == 0 {
		add("file_mb", fmt.Sprint(*s.FileMB), "a file of no size", "leave the line out for the default")
	}
}
