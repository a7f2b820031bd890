package config

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"obmen/cmd/obmen/journal"
	"obmen/watch"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/service"
)

// DefaultSettle is how long a dropped file must stay unchanged before it is read: longer than the
// pauses of a copy over a slow share, short enough that a person does not wonder.
const DefaultSettle = 2 * time.Second

// DefaultKeepDays is how long the archive and what tells of buyers are kept: Amazon allows 30 days after
// an order was shipped.
const DefaultKeepDays = 30

// Watch is what the [watch] section says.
type Watch struct {
	Settle, Poll, Patience time.Duration
	FreeBytes              int64
	OutboxFiles            int   // 0 means no limit, here and below
	OutboxBytes            int64 //
	OutboxAge              time.Duration
	AckWithin              time.Duration // 0 means that no answer is expected
	Keep                   watch.Retention
}

func defaultWatch() Watch {
	return Watch{
		Settle: DefaultSettle, Poll: watch.PollEvery, Patience: inbox.DefaultPatience, FreeBytes: folder.DefaultFree,
		Keep: watch.Retention{ArchiveDays: DefaultKeepDays, PersonalDays: DefaultKeepDays},
	}
}

// watchSection is the shape of [watch]; a number that is not given is nil.
type watchSection struct {
	Settle   string `toml:"settle"`
	Poll     string `toml:"poll"`
	Patience string `toml:"patience"`
	FreeMB   *int64 `toml:"free_space_mb"`
	outboxLimits
	retention

	EncryptTo []string `toml:"encrypt_to"`
	Identity  string   `toml:"identity"`

	Deliver string `toml:"deliver"`
}

// outboxLimits are the keys of what may wait in the outbox.
type outboxLimits struct {
	OutboxFiles *int64 `toml:"outbox_files"`
	OutboxMB    *int64 `toml:"outbox_mb"`
	OutboxAge   string `toml:"outbox_age"`
	AckWithin   string `toml:"ack_within"`
}

// retention are the keys of how long copies stay.
type retention struct {
	ArchiveDays    *int64 `toml:"archive_days"`
	ArchiveMB      *int64 `toml:"archive_mb"`
	QuarantineDays *int64 `toml:"quarantine_days"`
	PersonalDays   *int64 `toml:"personal_data_days"`
}

// Encryption says what the kept copies and the archive are encrypted to. Without recipients nothing new
// is encrypted; with an identity what was encrypted before is still read.
type Encryption struct {
	To       []string // public keys of age
	Identity string   // path of the identity file; empty when nothing is or was encrypted
}

// parseSpan knows days beside what package time does.
func parseSpan(text string) (time.Duration, error) {
	days, isDays := strings.CutSuffix(text, "d")
	if !isDays {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	return time.Duration(n) * 24 * time.Hour, err
}

// ParseSince reads a day of the local calendar, or a time span before now.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return day, nil
	}
	span, err := parseSpan(text)
	return now.Add(-span), err
}

// Supervisor is the systemd that has started the program, or none.
func Supervisor() service.Supervisor { return service.NewSupervisor(os.Getenv) }

// metricsToken is the name of the token in the environment and among systemd's credentials.
const metricsToken = "OBMEN_METRICS_TOKEN"

// MetricsToken returns what other machines need to read the metrics; empty when they may not.
func MetricsToken() string {
	if token := strings.TrimSpace(os.Getenv(metricsToken)); token != "" {
		return token
	}
	token, _, _ := systemd(metricsToken) // a credential that cannot be read lets no other machine in
	return strings.TrimSpace(token)
}

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
