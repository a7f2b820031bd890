package main

import (
	"bytes"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/watch/desk/words"
)

// translateHelp puts what --help says of commands, and of those below them, into the language.
func translateHelp(commands []*cli.Command, w *words.Words) {
	if w.Language == words.English {
		return
	}
	for _, c := range commands {
		c.Usage, c.ArgsUsage = w.Phrase(c.Usage), w.Phrase(c.ArgsUsage)
		c.Description = translateParagraphs(c.Description, w)
		for _, f := range c.Flags {
			if usage := usageOf(f); usage != nil {
				*usage = w.Phrase(*usage)
			}
		}
		translateHelp(c.Subcommands, w)
	}
}

// translateParagraphs puts text into the language: what stands on the lines of a paragraph is one phrase.
func translateParagraphs(text string, w *words.Words) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, p := range paragraphs {
		one := strings.Join(strings.Fields(p), " ")
		if said := w.Phrase(one); said != one {
			paragraphs[i] = wrapText(said)
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// helpWidth is how many letters a line of a description has.
const helpWidth = 100

func wrapText(text string) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.Fields(text) {
		length := len([]rune(word))
		switch {
		case i > 0 && used+1+length > helpWidth:
			b.WriteByte('\n')
			used = 0
		case i > 0:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += length
	}
	return b.String()
}

// usageOf is where the text of an option stands; nil for a kind of option that no command has.
func usageOf(f cli.Flag) *string {
	switch f := f.(type) {
	case *cli.BoolFlag:
		return &f.Usage
	case *cli.StringFlag:
		return &f.Usage
	case *cli.PathFlag:
		return &f.Usage
	case *cli.StringSliceFlag:
		return &f.Usage
	case *cli.IntFlag:
		return &f.Usage
	case *cli.GenericFlag:
		return &f.Usage
	case *cli.DurationFlag:
		return &f.Usage
	}
	return nil
}

// helpWriter is where the parser of options writes its help: its own words are English.
func helpWriter(s ui.Streams) io.Writer {
	if s.Words().Language == words.English {
		return s.Out
	}
	return &russianHelp{w: s.Out}
}

// russianHelp puts the words of the parser itself into Russian, a line at a time.
type russianHelp struct {
	w    io.Writer
	line []byte // the line that is not whole yet
}

var wordsOfHelp = strings.NewReplacer(
	"GLOBAL OPTIONS:", "ОБЩИЕ ПАРАМЕТРЫ:", "OPTIONS:", "ПАРАМЕТРЫ:", "COMMANDS:", "КОМАНДЫ:", "DESCRIPTION:", "ОПИСАНИЕ:",
	"VERSION:", "ВЕРСИЯ:", "NAME:", "НАЗВАНИЕ:", "USAGE:", "ВЫЗОВ:",
	"[global options] command [command options]", "[общие параметры] команда [параметры команды]",
	"command [command options]", "команда [параметры]", "[command options]", "[параметры]", "[arguments...]", "[значения…]",
	" (default: false)", "", "(default: ", "(если не указано: ", "show help", "показать справку", "print the version", "показать версию",
)

func (h *russianHelp) Write(b []byte) (int, error) {
	h.line = append(h.line, b...)
	end := bytes.LastIndexByte(h.line, '\n') + 1
	if _, err := io.WriteString(h.w, wordsOfHelp.Replace(string(h.line[:end]))); err != nil {
		return 0, err
	}
	h.line = h.line[end:]
	return len(b), nil
}
