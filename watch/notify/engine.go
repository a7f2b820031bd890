// Package notify tells people outside of the program what needs them: by Telegram, e-mail, a web hook
// or any other channel that shoutrrr knows by its address.
//
// It is told again and again what is wrong now (Engine.Update), and turns that into one message for a
// change of state: a problem that has lasted its delay is announced once, repeated after a day, and
// announced as solved when it is gone. What is announced is remembered in a file, so that a restart
// repeats nothing. A message that cannot be delivered is tried again with growing pauses; nothing ever
// waits for it.
//
// Problems carry no buyers' data: codes, counts, names of files and accounts.
package notify

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// GrowthPause is how long a problem that was told must have been quiet before it is told again because it
// has grown.
const GrowthPause = time.Hour

// Texts words a message in the language of its readers.
type Texts struct {
	New, Reminder, Solved string // headings
	More                  func(n int) string
}

// Engine decides what is told where and when. It is used by one goroutine.
type Engine struct {
	Channels []Channel
	Texts    Texts
	state    state
}

// state holds what has been told: per channel, the problems that its readers know of, and what is still to be
// delivered.
type state struct {
	Since map[string]time.Time       `json:"since"`           // problem: first seen
	Told  map[string]map[string]told `json:"told"`            // channel, problem
	Once  map[string][]string        `json:"once,omitempty"`  // channel: what has happened and was not told yet
	Queue map[string][]string        `json:"queue,omitempty"` // channel: messages that are not delivered yet
	Days  map[string]string          `json:"days,omitempty"`  // channel: the day of its last summary
}

type told struct {
	At    time.Time `json:"at"`
	Text  string    `json:"text"`
	Count int       `json:"count,omitempty"`
}

// Message holds what one channel gets: several changes in one text.
type Message struct {
	Channel string
	Text    string
}

// Happened notes what is over as soon as it has happened: it is told once, and never solved.
func (e *Engine) Happened(p Problem) {
	for i := range e.Channels {
		c := &e.Channels[i]
		if !c.wantsProblem(p) || slices.Contains(e.state.Once[c.Name], p.Text) {
			continue
		}
		if e.state.Once == nil {
			e.state.Once = map[string][]string{}
		}
		e.state.Once[c.Name] = append(e.state.Once[c.Name], p.Text)
	}
}

// Update takes everything that is wrong at the moment and returns the messages that are due, at most
// one a channel. What it returns counts as told.
func (e *Engine) Update(now time.Time, problems []Problem) []Message {
	current := e.observe(now, problems)
	var messages []Message
	for i := range e.Channels {
		c := &e.Channels[i]
		if c.Quiet.contains(now) {
			continue
		}
		if text := e.compose(c, now, current); text != "" {
			messages = append(messages, Message{c.Name, text})
		}
	}
	return messages
}

// SummaryDue reports whether a channel's summary of the day is due, and counts it as told.
func (e *Engine) SummaryDue(c *Channel, now time.Time) bool {
	day := now.Format(time.DateOnly)
	if c.Summary == NoSummary || timeOfDay(now) < c.Summary || e.state.Days[c.Name] == day {
		return false
	}
	first := e.state.Days[c.Name] == ""
	if e.state.Days == nil {
		e.state.Days = map[string]string{}
	}
	e.state.Days[c.Name] = day
	return !first || timeOfDay(now) < c.Summary+summaryGrace
}

// observe notes since when each problem lasts, and returns the problems by key.
func (e *Engine) observe(now time.Time, problems []Problem) map[string]Problem {
	current := make(map[string]Problem, len(problems))
	for _, p := range problems {
		current[p.key()] = p
	}
	if e.state.Since == nil {
		e.state.Since = map[string]time.Time{}
	}
	for key := range e.state.Since {
		if _, ok := current[key]; !ok {
			delete(e.state.Since, key)
		}
	}
	for key := range current {
		if _, ok := e.state.Since[key]; !ok {
			e.state.Since[key] = now
		}
	}
	return current
}

// compose writes one channel's message and marks its content as told; empty: nothing to tell.
func (e *Engine) compose(c *Channel, now time.Time, current map[string]Problem) string {
	known := e.toldTo(c.Name)
	added, again, solved := section{heading: e.Texts.New}, section{heading: e.Texts.Reminder}, section{heading: e.Texts.Solved}
	for _, p := range sorted(current) {
		if !c.wantsProblem(p) || now.Sub(e.state.Since[p.key()]) < c.delay(p.Event) {
			continue
		}
		switch before, ok := known[p.key()]; {
		case !ok, p.Count > before.Count && now.Sub(before.At) >= GrowthPause:
			added.add(p.Event, p.Text)
		case now.Sub(before.At) >= c.reminder():
			again.add(p.Event, p.Text)
		default:
			continue
		}
		known[p.key()] = told{now, p.Text, p.Count}
	}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if _, ok := current[key]; !ok {
			solved.add(eventOf(key), known[key].Text)
			delete(known, key)
		}
	}
	for _, text := range e.state.Once[c.Name] {
		added.add("", text)
	}
	delete(e.state.Once, c.Name)
	return join(e.Texts.More, added, again, solved)
}

func (e *Engine) toldTo(channel string) map[string]told {
	if e.state.Told == nil {
		e.state.Told = map[string]map[string]told{}
	}
	if e.state.Told[channel] == nil {
		e.state.Told[channel] = map[string]told{}
	}
	return e.state.Told[channel]
}

// sorted lists problems with the most urgent first, then by name.
func sorted(problems map[string]Problem) []Problem {
	return slices.SortedFunc(maps.Values(problems), func(a, b Problem) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.key(), b.key()))
	})
}

// Marshal returns what has been told and what is still to be delivered, to be kept in a file.
func (e *Engine) Marshal() ([]byte, error) { return json.Marshal(e.state) }

// Unmarshal takes what Marshal returned; without it every problem that lasts is told again.
func (e *Engine) Unmarshal(b []byte) error {
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("what was told to whom: %w", err)
	}
	e.state = s
	return nil
}

// SetQueue notes what a channel's courier has not delivered.
func (e *Engine) SetQueue(channel string, texts []string) {
	if e.state.Queue == nil {
		e.state.Queue = map[string][]string{}
	}
	if e.state.Queue[channel] = texts; len(texts) == 0 {
		delete(e.state.Queue, channel)
	}
}

// Queue returns what SetQueue noted.
func (e *Engine) Queue(channel string) []string { return e.state.Queue[channel] }

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
