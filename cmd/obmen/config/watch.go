package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obmen/watch"
	"obmen/watch/folder"
	"obmen/watch/inbox"
	"obmen/watch/store"
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
	Settle         string `toml:"settle"`
	Poll           string `toml:"poll"`
	Patience       string `toml:"patience"`
	FreeMB         *int64 `toml:"free_space_mb"`
	OutboxFiles    *int64 `toml:"outbox_files"`
	OutboxMB       *int64 `toml:"outbox_mb"`
	OutboxAge      string `toml:"outbox_age"`
	AckWithin      string `toml:"ack_within"`
	ArchiveDays    *int64 `toml:"archive_days"`
	ArchiveMB      *int64 `toml:"archive_mb"`
	QuarantineDays *int64 `toml:"quarantine_days"`
	PersonalDays   *int64 `toml:"personal_data_days"`

	EncryptTo []string `toml:"encrypt_to"`
	Identity  string   `toml:"identity"`

	Deliver string `toml:"deliver"`
}

// Encryption says what the kept copies and the archive are encrypted to. Without recipients nothing new
// is encrypted; with an identity what was encrypted before is still read.
type Encryption struct {
	To       []string // public keys of age
	Identity string   // path of the identity file; empty when nothing is or was encrypted
}

func (c *checker) checkWatch(w *Watch, s *watchSection) {
	add := c.problemsOf("watch")
	c.checkSpan(add, "settle", s.Settle, &w.Settle, time.Nanosecond)
	c.checkSpan(add, "poll", s.Poll, &w.Poll, time.Nanosecond)
	c.checkSpan(add, "patience", s.Patience, &w.Patience, time.Nanosecond)
	c.checkSpan(add, "outbox_age", s.OutboxAge, &w.OutboxAge, 0)
	c.checkSpan(add, "ack_within", s.AckWithin, &w.AckWithin, 0)
	const days, count = 36500, 1 << 30 // more is a slip of the keyboard
	w.OutboxFiles = int(c.checkNumber(add, "outbox_files", s.OutboxFiles, int64(w.OutboxFiles), count))
	w.Keep.ArchiveDays = int(c.checkNumber(add, "archive_days", s.ArchiveDays, int64(w.Keep.ArchiveDays), days))
	w.Keep.QuarantineDays = int(c.checkNumber(add, "quarantine_days", s.QuarantineDays, int64(w.Keep.QuarantineDays), days))
	w.Keep.PersonalDays = int(c.checkNumber(add, "personal_data_days", s.PersonalDays, int64(w.Keep.PersonalDays), days))
	w.FreeBytes = max(1, c.checkNumber(add, "free_space_mb", s.FreeMB, w.FreeBytes>>20, count)<<20) // 0 would be the default
	w.OutboxBytes = c.checkNumber(add, "outbox_mb", s.OutboxMB, w.OutboxBytes>>20, count) << 20
	w.Keep.ArchiveBytes = c.checkNumber(add, "archive_mb", s.ArchiveMB, w.Keep.ArchiveBytes>>20, count) << 20
}

// checkEncryption checks what needs no look at the disk. A key that is no public one is not repeated: it may
// be the secret one.
func (c *checker) checkEncryption(e *Encryption, s *watchSection) {
	add := c.problemsOf("watch")
	for _, key := range s.EncryptTo {
		if refused, ok := errors.AsType[*store.KeyError](store.CheckRecipient(key)); ok {
			add("encrypt_to", "", refused.Text, refused.Advice)
		}
	}
	if len(s.EncryptTo) > 0 && s.Identity == "" {
		add("encrypt_to", "", "no identity is named that reads what is encrypted", `add identity = "obmen.key" with the file that age-keygen wrote: held orders are read again`)
	}
	e.To = s.EncryptTo
	if s.Identity != "" {
		e.Identity = c.makeAbsolute(s.Identity)
	}
}

// checkSpan reads a time span into target; an empty one leaves it as it is.
func (c *checker) checkSpan(add func(key, value, text, hint string), key, text string, target *time.Duration, least time.Duration) {
	if text == "" {
		return
	}
	d, err := parseSpan(text)
	if err != nil || d < least {
		add(key, text, "not a time span", `write "2s", "1m30s", "36h" or "30d"`)
		return
	}
	*target = d
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

func (c *checker) checkNumber(add func(key, value, text, hint string), key string, n *int64, byDefault, most int64) int64 {
	if n == nil {
		return byDefault
	}
	if *n < 0 || *n > most {
		add(key, fmt.Sprint(*n), fmt.Sprintf("not a number between 0 and %d", most), "leave the line out for the default")
	}
	return *n
}

// ParseSince reads a day of the local calendar, or a time span before now.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return day, nil
	}
	span, err := parseSpan(text)
	return now.Add(-span), err
}
