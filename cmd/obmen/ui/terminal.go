package ui

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"
)

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
