package catalog

import (
	"context"
	"strings"

	"obmen/convert/parallel"
)

// Large files are read on all cores: each takes a piece, reads its rows as if they were a file of their
// own, and what it made of them is joined in the order of the file. Every piece begins and ends between
// two rows, unless a quotation mark is astray. Then a piece has a line that is not CSV, and all is read
// again in one go: only the reader of record can say where the mistake is.

// readParts reads the rows of a sheet piece by piece. worker is called once a core and gives what reads
// the rows of one piece; join takes the results in order. What was found in the rows is in the order of
// the lines and is the caller's to report.
func readParts[P any](s *csvFile, worker func() func(*csvFile) P, join func(P)) (problems, notes report) {
	type part struct {
		sheet *csvFile
		rows  P
	}
	var parts []part
	broken := false
	_ = parallel.Map(
		context.Background(),
		func(_ context.Context, emit func(*csvFile) bool) error {
			s.eachPiece(emit)
			return nil
		},
		func() func(*csvFile) part {
			read := worker()
			return func(s *csvFile) part { return part{s, read(s)} }
		},
		func(p part) error {
			broken = broken || p.sheet.broken
			parts = append(parts, p)
			return nil
		},
	)
	if broken {
		whole := s.withOwnReports()
		parts = []part{{whole, worker()(whole)}}
	}
	for _, p := range parts {
		problems.addLater(p.sheet.problems)
		notes.addLater(p.sheet.notes)
		join(p.rows)
	}
	return problems, notes
}

// withOwnReports is the sheet with reports of its own.
func (s *csvFile) withOwnReports() *csvFile {
	part := *s
	part.problems, part.notes = new(report), new(report)
	return part.withNothingRead()
}

// eachPiece returns a sheet for each piece of the text. A text without quotation marks is let go meanwhile.
func (s *csvFile) eachPiece(emit func(*csvFile) bool) {
	list, line, quoted := s.rest, s.first, s.rest.hasQuotes()
	if !quoted {
		s.rest, s.csv, s.rows = nil, nil, nil
	}
	for i, p := range list {
		part := s.withOwnReports()
		part.rest, part.first, part.skipped, part.isPiece = pieces{p}, line, line-1, true
		part.csv = s.csvReader(strings.NewReader(p.text))
		line += p.lines
		if !quoted {
			list[i].text = ""
		}
		emit(part)
	}
}
