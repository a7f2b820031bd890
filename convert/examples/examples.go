// Package examples checks the examples of a mapping by converting them.
package examples

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"obmen/convert"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/source"
	"obmen/convert/source/mapped"
)

// mostExample bounds the file of an example, in bytes.
const mostExample = 16 << 20

// Check converts the examples of a mapping, with every product unknown and taken as new, and names
// what does not come out as the mapping states. fsys has the files that examples name.
func Check(ctx context.Context, m *mapped.Mapping, fsys fs.FS) (list mapped.Mistakes, err error) {
	for i := range m.Examples {
		wrong, err := checkExample(ctx, m, i, fsys)
		if err != nil {
			return nil, err
		}
		list = append(list, wrong...)
	}
	return list, nil
}

func checkExample(ctx context.Context, m *mapped.Mapping, number int, fsys fs.FS) (list mapped.Mistakes, err error) {
	e := &m.Examples[number]
	mistake := func(format string, args ...any) {
		text := fmt.Sprintf("example %d: ", number+1) + fmt.Sprintf(format, args...)
		list = append(list, mapped.Mistake{File: m.File, Text: text, Advice: "correct the example, or the mapping; `obmen source try` shows where values come from"})
	}
	in, err := exampleInput(m, e, fsys)
	if err != nil {
		mistake("%v", err)
		return list, nil
	}
	got := &exampleSink{}
	// An example that names no currency is checked in one; an order of a run would be held.
	opt := convert.Options{Sources: mapped.Only(m), Match: convert.MatchOptions{UnknownProduct: convert.Create}, Currency: "USD"}
	files, err := convert.Run(ctx, []source.Input{in}, catalog.Empty(), opt, got)
	if err != nil {
		return nil, err
	}
	slices.Sort(got.held)
	switch {
	case files[0].Err != nil:
		mistake("%v", files[0].Err)
	case files[0].Orders != e.Orders:
		mistake("%d orders, not %d", files[0].Orders, e.Orders)
	case e.Exported >= 0 && got.exported != e.Exported:
		mistake("%d exported, not %d%s", got.exported, e.Exported, got.why())
	case e.Held != nil && !slices.Equal(got.held, e.Held):
		mistake("held: %s, not %s", strings.Join(got.held, ", "), strings.Join(e.Held, ", "))
	}
	return list, nil
}

// exampleInput is an example of a mapping, as a file.
func exampleInput(m *mapped.Mapping, e *mapped.Example, fsys fs.FS) (in source.Input, err error) {
	content := []byte(e.Content)
	if e.In != "" {
		if content, err = readExample(fsys, e.In); err != nil {
			return in, err
		}
	}
	return source.Input{Name: m.Name + " example", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}, nil
}

// UnmetPaths names the paths of a mapping that lead nowhere in any of its examples; none without an example.
func UnmetPaths(ctx context.Context, m *mapped.Mapping, fsys fs.FS) (list []string, err error) {
	own := *m
	own.Own = true // whatever it is, its author asks
	met := map[string]bool{}
	for i := range m.Examples {
		in, err := exampleInput(m, &m.Examples[i], fsys)
		if err != nil {
			return nil, err
		}
		for range (mapped.Format{Mapping: &own}).ReadNoting(ctx, in, func(path string, is bool) { met[path] = met[path] || is }) {
		}
	}
	for _, path := range slices.Sorted(maps.Keys(met)) {
		if !met[path] {
			list = append(list, path)
		}
	}
	return list, ctx.Err()
}

func readExample(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() { // a FIFO would be waited for
		err = fmt.Errorf("%s: not a file: a folder, a pipe or a device", name)
	}
	if err != nil {
		return nil, err
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, mostExample+1))
	if err == nil && len(content) > mostExample {
		err = fmt.Errorf("%s has more than %d MiB", name, mostExample>>20)
	}
	return content, err
}

// exampleSink counts what becomes of the orders of an example.
type exampleSink struct {
	exported int
	held     []string
	sentence string // of the first that is held
}

func (s *exampleSink) Outcome(o convert.Outcome) error {
	switch {
	case o.Hold != nil:
		s.held = append(s.held, string(o.Hold.Code))
		if s.sentence == "" {
			s.sentence = o.Hold.Sentence
		}
	case o.Document != nil:
		s.exported++
	}
	return nil
}

func (s *exampleSink) Batch(context.Context, document.Batch) error { return nil }

func (s *exampleSink) Reset() error {
	*s = exampleSink{}
	return nil
}

// why is the reason of the first order that is held.
func (s *exampleSink) why() string {
	if s.sentence == "" {
		return ""
	}
	return ": " + s.sentence
}
