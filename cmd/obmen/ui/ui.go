// Package ui is how commands speak with people and programs: streams, exit codes, errors with their next step,
// progress and small forms of text. What is written passes one filter, which lets through nothing that a terminal
// would obey.
package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"obmen/watch/desk/words"
)

// Streams are what a command reads and writes. Results go to Out, notes and progress to Err.
type Streams struct {
	In    io.Reader
	Out   io.Writer
	Err   io.Writer
	Voice *Voice       // the language; English when nil
	Log   *slog.Logger // takes notes and problems instead of Err; nil: they are printed
}

// Safe returns streams whose output passes the filter of SafeWriter, and whose language can be chosen later.
func (s Streams) Safe(language string) Streams {
	return Streams{s.In, NewSafeWriter(s.Out), NewSafeWriter(s.Err), &Voice{words.In(language)}, s.Log}
}

// Voice is the language of a run, which its settings choose after it has begun.
type Voice struct{ words *words.Words }

// Choose sets the language; an empty one changes nothing.
func (v *Voice) Choose(language string) {
	if v != nil && language != "" {
		v.words = words.In(language)
	}
}

// Words returns the words of the chosen language.
func (s Streams) Words() *words.Words {
	if s.Voice == nil || s.Voice.words == nil {
		return words.In(words.English)
	}
	return s.Voice.words
}

// Tell writes a message as a line of the result.
func (s Streams) Tell(code string, pairs ...any) { s.Line(words.New(code, pairs...)) }

// Line writes a message as a line of the result.
func (s Streams) Line(t words.Text) { fmt.Fprintln(s.Out, s.Words().Text(t)) }

// Note writes a message as a line to Err.
func (s Streams) Note(code string, pairs ...any) {
	s.Remark(words.New(code, pairs...))
}

// Remark writes a message as a line to Err.
func (s Streams) Remark(t words.Text) {
	text := s.Words().Text(t)
	if s.Log != nil {
		s.Log.Info(strings.TrimSpace(text))
		return
	}
	fmt.Fprintln(s.Err, text)
}

// PrintPhrase writes a sentence that is made in English, in the chosen language where the book of phrases has it.
func (s Streams) PrintPhrase(w io.Writer, format string, args ...any) {
	fmt.Fprint(w, s.Words().Phrase(fmt.Sprintf(format, args...)))
}

// Exit codes; the table stands in every --help.
const (
	ExitOK          = 0
	ExitError       = 1
	ExitUsage       = 2
	ExitHeld        = 3
	ExitConfig      = 4
	ExitLocked      = 5
	ExitRemote      = 6
	ExitInterrupted = 130
)

// ExitTable is what every --help and the manual page say of the exit codes.
const ExitTable = `Exit codes: 0 ok · 1 error · 2 wrong usage · 3 done, but some orders are held or files refused ·
   4 settings, catalogs or layouts · 5 another obmen works in the same folder · 6 Amazon refused · 130 interrupted`

// The errors that have an exit code of their own.
var (
	ErrHeld  = errors.New("some orders are held or files refused")
	ErrUsage = errors.New("wrong usage")
	// ErrBroken has been told already.
	ErrBroken = errors.New("the exchange does not work")
)

// hintedError is an error with the user's next step.
type hintedError struct {
	err  error
	hint string
}

func (h hintedError) Error() string { return h.err.Error() }
func (h hintedError) Unwrap() error { return h.err }
func (h hintedError) Hint() string  { return h.hint }

// WithHint gives an error the user's next step.
func WithHint(err error, hint string) error { return hintedError{err, hint} }

// Usage refuses a command line.
func Usage(hint, format string, args ...any) error {
	return WithHint(fmt.Errorf("%w: %s", ErrUsage, fmt.Sprintf(format, args...)), hint)
}

// Misuse refuses a command line in the words of a message.
func Misuse(text, next words.Text) error {
	return &words.Error{Text: words.New("usage.wrong", "What", text), Next: next, Err: ErrUsage}
}

// SettingsError marks a mistake in what obmen was set up with: settings, catalogs, layouts, secrets.
type SettingsError struct{ error }

// InSettings marks an error as one of the settings.
func InSettings(err error) error { return SettingsError{err} }

func (e SettingsError) Unwrap() error { return e.error }

// What returns the error as a message.
func (e SettingsError) What() words.Text {
	if said, ok := e.error.(interface{ What() words.Text }); ok {
		return said.What()
	}
	return words.Plain(e.Error())
}

// LockedWriter is a writer for several goroutines, one write after the other.
type LockedWriter struct {
	mu sync.Mutex
	W  io.Writer
}

func (t *LockedWriter) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.W.Write(b)
}

// TerminalIn reports whether a person types there.
func TerminalIn(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ReadHidden reads a line from a terminal that does not show it. An interrupted run leaves the terminal
// as it was.
func ReadHidden(ctx context.Context, r io.Reader) (string, error) {
	fd := int(r.(*os.File).Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() { // who was interrupted does not wait for it: nothing ends a read from a terminal
		text, err := term.ReadPassword(fd)
		read <- line{text, err}
	}()
	select {
	case l := <-read:
		return string(l.text), l.err
	case <-ctx.Done():
		_ = term.Restore(fd, before) // the run ends anyway
		return "", ctx.Err()
	}
}
