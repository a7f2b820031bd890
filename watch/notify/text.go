package notify

import (
	"strings"
	"unicode/utf8"
)

// messageLimit is how long a message may get, in characters: Telegram takes 4,096.
const messageLimit = 3500

// mostLines is how many lines of one event a section shows; the others are counted.
const mostLines = 5

type section struct {
	heading string
	events  []string // in the order in which they came
	lines   map[string][]string
}

func (s *section) add(event, line string) {
	if s.lines == nil {
		s.lines = map[string][]string{}
	}
	if s.lines[event] == nil {
		s.events = append(s.events, event)
	}
	s.lines[event] = append(s.lines[event], line)
}

// join writes sections that have lines below one another, cut at messageLimit.
func join(more func(int) string, sections ...section) string {
	var b strings.Builder
	for _, s := range sections {
		if len(s.events) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(s.heading)
		for _, event := range s.events {
			lines := s.lines[event]
			for _, line := range lines[:min(mostLines, len(lines))] {
				b.WriteString("\n• " + line)
			}
			if rest := len(lines) - mostLines; rest > 0 {
				b.WriteString("\n• " + more(rest))
			}
		}
	}
	return shorten(b.String())
}

func shorten(text string) string {
	if utf8.RuneCountInString(text) <= messageLimit {
		return text
	}
	return string([]rune(text)[:messageLimit-1]) + "…"
}
