package outbox

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/watch/drop"
)

// NumbersFile is the name of a NumberFile beside the files that have its numbers.
const NumbersFile = "numbers.jsonl"

// The bounds of what is read of a NumberFile: a million orders with long numbers, of which each has a line.
const (
	mostNumbers     = 256 << 20
	longestNumbered = 64 << 10
)

// NumberFile counts the numbers under which 1C finds orders where there is no ledger: those that were given
// are in a file beside the outputs, a line of JSON for each order. It belongs to one goroutine.
type NumberFile struct {
	path  string
	how   document.Numbering
	given map[numberKey]int
	last  map[string]int   // of each counter
	old   int64            // bytes of the file as it was read
	added drop.SpillBuffer // lines that it does not have
	disk  drop.FS
}

// numberKey stands for the key of an order: a file may have a million of them.
type numberKey [16]byte

type numberLine struct {
	Number string `json:"number"`
	Scope  string `json:"scope"`
	Order  string `json:"order"`
}

// NumbersError is a file of numbers that cannot be used.
type NumbersError struct {
	Path string
	Line int
	Text string
}

func (e *NumbersError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
}

// Hint says what to do.
func (e *NumbersError) Hint() string {
	return "put back the copy that was made last. Without it choose another folder with --out, and let 1C load its files into an empty base: they are for one single load"
}

// OpenNumbers reads the file of numbers in a folder; scratch is where what is added waits. A file that is not
// there has given no number.
func OpenNumbers(dir string, how document.Numbering, scratch drop.Folder) (*NumberFile, error) {
	f := &NumberFile{
		path: filepath.Join(dir, NumbersFile), how: how, given: map[numberKey]int{}, last: map[string]int{},
		added: drop.SpillBuffer{Folder: scratch}, disk: drop.OS{},
	}
	in, err := drop.OpenRegular(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return f, f.checkFirst(dir)
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err == nil && (!info.Mode().IsRegular() || info.Size() > mostNumbers) {
		err = &NumbersError{Path: f.path, Text: fmt.Sprintf("no file of at most %d MB", mostNumbers>>20)}
	}
	if err != nil {
		return nil, err
	}
	f.old = info.Size()
	return f, f.read(io.LimitReader(in, f.old))
}

// exchangeFile is a name as sets have them: account, day and hash.
var exchangeFile = regexp.MustCompile(`-\d{8}-[0-9a-f]{12}(-[a-z]+)?\.xml$`)

// checkFirst refuses to count from the beginning in a folder that has files with numbers: 1C would take an order of
// today for one of them.
func (f *NumberFile) checkFirst(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() && exchangeFile.MatchString(e.Name()) {
			return &NumbersError{Path: f.path, Text: "it is not there, though " + e.Name() + " has numbers: they would be given a second time"}
		}
	}
	return nil
}

func (f *NumberFile) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestNumbered)
	row := 0
	for lines.Scan() {
		row++
		var l numberLine
		err := json.Unmarshal(lines.Bytes(), &l)
		value := document.NumberValue(l.Number)
		if err != nil || value == 0 {
			return &NumbersError{f.path, row, "not a line that obmen has written"}
		}
		f.given[keyOfNumber(convert.Key{Scope: l.Scope, Order: l.Order})] = value
		counter := f.how.OwnerOf(value)
		f.last[counter] = max(f.last[counter], value)
	}
	if err := lines.Err(); err != nil {
		return &NumbersError{f.path, row + 1, err.Error()}
	}
	return nil
}

func keyOfNumber(k convert.Key) numberKey {
	sum := sha256.Sum256([]byte(k.Scope + "\x1f" + k.Order))
	return numberKey(sum[:16])
}

// Number is convert.Options.Number.
func (f *NumberFile) Number(account string, k convert.Key) (string, error) {
	key := keyOfNumber(k)
	if value, ok := f.given[key]; ok {
		return f.how.Text(value), nil
	}
	counter := f.how.CounterOf(account)
	value, err := f.how.Next(counter, f.last[counter])
	if err != nil {
		return "", err
	}
	f.last[counter], f.given[key] = value, value
	number := f.how.Text(value)
	return number, json.NewEncoder(&f.added).Encode(numberLine{number, k.Scope, k.Order})
}

// Begins reports whether numbers were given and none before: 1C must not have any of them yet.
func (f *NumberFile) Begins() bool { return f.old == 0 && f.added.Len() > 0 }

// First is the first number that a new file gives.
func (f *NumberFile) First() string { return f.how.Text(f.how.First()) }

// Save makes the numbers that were given durable, before anything goes out under them.
func (f *NumberFile) Save() error {
	if f.added.Len() == 0 {
		return nil
	}
	return drop.ReplaceFile(f.disk, f.path, 0o666, func(w io.Writer) error {
		if f.old > 0 {
			before, err := os.Open(f.path)
			if err != nil {
				return err
			}
			defer before.Close()
			if _, err := io.CopyN(w, before, f.old); err != nil {
				return err
			}
		}
		_, err := f.added.WriteTo(w)
		return err
	})
}

// Close drops what was not saved.
func (f *NumberFile) Close() error { return f.added.Close() }
