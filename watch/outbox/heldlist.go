package outbox

import (
	"io"

	"obmen/convert"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// HeldList gathers held orders as they come, as the rows of a HeldTable. A list that grows
// large lies in a temporary file. Close it.
type HeldList struct {
	orders int
	words  *words.Words
	table  table
	rows   drop.SpillBuffer
}

// NewHeldList makes a list in a language that keeps its file where the folder's files are written.
func NewHeldList(folder drop.Folder, words *words.Words) *HeldList {
	l := &HeldList{words: words, rows: drop.SpillBuffer{Folder: folder}}
	l.startTable()
	return l
}

func (l *HeldList) startTable() { l.orders, l.table = 0, newTable(&l.rows, heldHeader(l.words)) }

// Add adds a held order.
func (l *HeldList) Add(o *convert.Outcome) error {
	l.orders++
	l.table.addRow(heldRow(o, l.words))
	return l.table.Error()
}

// resetRows forgets everything: the run begins anew.
func (l *HeldList) resetRows() error {
	err := l.rows.Close()
	l.startTable()
	return err
}

// Write replaces the list of held orders in a file, any number of times; without any, an older list goes, for it is
// cured.
func (l *HeldList) Write(disk drop.FS, path string) error {
	if l.orders == 0 {
		return drop.RemoveFile(disk, path)
	}
	l.table.Flush()
	if err := l.table.Error(); err != nil {
		return err
	}
	return drop.ReplaceFile(disk, path, ListMode, func(w io.Writer) error {
		_, err := l.rows.WriteTo(w)
		return err
	})
}

// Close takes the temporary file away.
func (l *HeldList) Close() error { return l.rows.Close() }
