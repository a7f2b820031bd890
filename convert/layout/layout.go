// Package layout writes documents as exchange files of 1C.
//
// A layout is a folder of templates: document.xml is the exchange file itself with actions in the
// syntax of text/template, sheet.xlsx a workbook with a header row and one row of the same actions.
// Both are compiled once, and every mistake in them is found then, with its place and what to do.
// Package tmpl is the language of the templates, package sheet the workbooks.
package layout

import (
	"context"
	"io"
	"maps"
	"slices"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
)

// Layout is a compiled layout: safe for use by several goroutines.
type Layout struct {
	name  string
	hash  string
	files FileName
	parts []Part

	constants []string
	choices   map[string][]string
	numbered  bool
	misreads  []Misread
	exchange  *Exchange
	reader    *document.Reader
}

// Part is one file that a layout writes.
type Part struct {
	ext      string
	writer   writer
	template string // the layout's hash
	reader   *document.Reader
}

type writer interface {
	Write(ctx context.Context, w io.Writer, b *tmpl.File) (tmpl.Report, error)
}

// The files of a layout's folder that are templates.
const (
	documentFile = "document.xml"
	sheetFile    = "sheet.xlsx"
)

// Name is the layout's name.
func (l *Layout) Name() string { return l.name }

// Hash tells this layout from one with other templates or settings.
func (l *Layout) Hash() string { return l.hash }

// Constants are the names of the account's constants that the layout's templates ask for.
func (l *Layout) Constants() []string { return slices.Clone(l.constants) }

// Choices are the settings that the layout's templates decide by, each with its values.
func (l *Layout) Choices() map[string][]string { return maps.Clone(l.choices) }

// Numbered reports whether the layout's exchange file has the numbers under which 1C finds orders.
func (l *Layout) Numbered() bool { return l.numbered }

// FileName is what the layout's files are called.
func (l *Layout) FileName() FileName { return l.files }

// Parts are the files that the layout writes, in the order in which they are to be published: the
// workbook first, the XML, which 1C looks for, last.
func (l *Layout) Parts() []Part { return slices.Clone(l.parts) }

// Exchange is how the layout's documents go out; nil for files of their own.
func (l *Layout) Exchange() *Exchange { return l.exchange }

// Ext is the file name's extension: ".xml" or ".xlsx".
func (p Part) Ext() string { return p.ext }

// Write writes the batch. The same batch gives the same bytes. It streams; after an error what was
// written is worth nothing.
func (p Part) Write(ctx context.Context, w io.Writer, b document.Batch) (tmpl.Report, error) {
	b = fitted(p.reader, b)
	return p.writer.Write(ctx, w, &tmpl.File{Batch: &b, Template: p.template})
}
