package web

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"

	"obmen/convert/source"
	"obmen/convert/source/mapped"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// mostSample bounds a file of orders that a mapping is guessed of, in bytes.
const mostSample = 8 << 20

// sourceGuess is a mapping that a person works on: guessed of an unknown file of orders, or one of their own.
type sourceGuess struct {
	File   string // the sample; empty without one
	sample []byte
	notes  []string // of the guess
	text   string   // as it is now
	hash   string   // of the file that it is of; empty for a new one
}

// guessPage shows such a mapping: its text, what is wrong with it by line, and what it makes of the sample.
type guessPage struct {
	File, Text string
	Notes      []string
	Mistakes   []shownMistake
	Trial      *mapped.Trial // nil while there are mistakes, or without a sample
	Good       bool          // it can be saved
}

// shownMistake is a mistake with its line.
type shownMistake struct {
	mapped.Mistake
	Shown string
}

var _ = addAction(action{Path: "catalogs/guess", Role: roles.Work, Do: func(v *visit) (string, error) {
	part, _, err := v.partOf("file", mostSample)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(part, mostSample))
	if err != nil {
		return "", err
	}
	if len(data) == 0 {
		return "", words.Refuse(words.New("web.catalogs.no-file"), words.New("web.catalogs.choose-file"))
	}
	g := &sourceGuess{File: filepath.Base(part.FileName()), sample: data}
	guess, err := mapped.MakeGuess(g.input())
	if err != nil {
		return "", err
	}
	g.notes, g.text = guess.Notes, guess.Text
	v.session.keepGuess(g)
	return "/guess", nil
}})

// input is the sample as it is read.
func (g *sourceGuess) input() source.Input {
	return source.Input{Name: g.File, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(g.sample)), nil }}
}

var _ = addPage(page{Name: "guess", Role: roles.Work, Fill: func(v *visit) (any, error) {
	if own := v.field("own"); own != "" {
		text, hash, err := v.desk.ReadSource(own)
		if err != nil {
			return nil, err
		}
		v.session.keepGuess(&sourceGuess{text: text, hash: hash})
	}
	g := v.session.lastGuess()
	if g == nil {
		return nil, words.Refuse(words.New("web.catalogs.no-file"), words.New("web.catalogs.choose-file"))
	}
	p := &guessPage{File: g.File, Text: g.text, Notes: g.notes}
	m, mistakes := desk.CheckSource("", g.text)
	lines := strings.Split(g.text, "\n")
	for _, wrong := range mistakes {
		one := shownMistake{Mistake: wrong}
		if wrong.Line > 0 && wrong.Line <= len(lines) {
			one.Shown = lines[wrong.Line-1]
		}
		p.Mistakes = append(p.Mistakes, one)
	}
	if p.Good = m != nil; p.Good && g.sample != nil {
		var err error
		if p.Trial, err = mapped.Try(v.ctx(), m, g.input()); err != nil {
			return nil, err
		}
	}
	return p, nil
}})

// editGuess keeps the text that a person has sent.
func (v *visit) editGuess() *sourceGuess {
	g := v.session.lastGuess()
	if g == nil {
		return nil
	}
	edited := *g
	edited.text = strings.ReplaceAll(v.r.FormValue("text"), "\r\n", "\n")
	v.session.keepGuess(&edited)
	return &edited
}

var _ = addAction(action{Path: "guess/check", Role: roles.Work, Do: func(v *visit) (string, error) {
	v.editGuess()
	return "/guess", nil
}})

var _ = addAction(action{Path: "guess/save", Role: roles.Work, Do: func(v *visit) (string, error) {
	g := v.editGuess()
	if g == nil {
		return "/catalogs", nil
	}
	name, err := v.desk.SaveSource(v.ctx(), g.text, g.hash)
	if err != nil {
		return "/guess", err
	}
	v.tell(words.New("web.guess.saved", "Name", name))
	v.server.Changed()
	return "/catalogs", nil
}})

func (s *session) keepGuess(g *sourceGuess) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guess = g
}

func (s *session) lastGuess() *sourceGuess {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guess
}
