// Package catalog loads what 1C knows, exported as CSV files into one folder: products, the SKU map,
// customers, buyer rules, VAT and exchange rates. The result is an immutable Snapshot that answers
// the matcher's questions; it is safe for use by several goroutines at once.
//
// Matching is exact after normalisation (see Normal). What is merely near is never a match, only a
// suggestion for people (see Snapshot.Suggest).
//
// Every mistake of every file is reported at once, with file, physical line, column, value and the
// next thing to do. Rows are kept packed, not as structs: a million products fit into the memory
// their file would take.
package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxFile is the largest catalog file that is read: some ten million products. It keeps the places
// in the packed tables within 32 bits.
const maxFile = 1 << 30

// Load reads the catalog files of a folder. Only products.csv is required; "*.example.csv" is never
// read. The error is Problems: every mistake of every file. Remarks are in the snapshot's Notes.
func Load(fsys fs.FS) (*Snapshot, error) {
	snapshot := newSnapshot()
	main := newLoader(fsys, snapshot)
	main.listFolder()
	defer main.hashing.Wait()
	goods, people := main.newPart(), main.newPart()
	var running sync.WaitGroup
	running.Go(func() { // the two large files, each with what refers to it
		people.loadCustomers()
		people.loadBuyers()
	})
	goods.loadProducts()
	goods.loadSKUs()
	running.Wait()
	main.addPart(goods)
	main.addPart(people)
	if s, ok := main.openFile(VATFile, new(vatRow)); ok {
		snapshot.vat.loadRows(s)
	}
	if s, ok := main.openFile(RatesFile, new(rateRow)); ok {
		snapshot.rates.loadRows(s)
	}
	if problems := main.problems.problems(); len(problems) > 0 {
		return nil, Problems(problems)
	}
	snapshot.Notes = main.notes.problems()
	snapshot.forms = main.forms
	snapshot.hash = main.hashAll()
	return snapshot, nil
}

// loader loads some of the files; those of different loaders may be loaded at the same time.
type loader struct {
	fsys     fs.FS
	names    map[string]string // catalog file → its name in the folder
	snapshot *Snapshot
	forms    map[string]form
	sums     map[string]func() []byte // SHA-256 of the files, by file; they wait until it is there
	hashing  *sync.WaitGroup
	problems report
	notes    report
	lost     map[string]bool // files that could not be read: what refers to them is not judged
}

func newLoader(fsys fs.FS, s *Snapshot) *loader {
	return &loader{
		fsys: fsys, snapshot: s, forms: map[string]form{}, lost: map[string]bool{},
		sums: map[string]func() []byte{}, hashing: new(sync.WaitGroup),
	}
}

// newPart is a loader of the same folder for some of its files.
func (l *loader) newPart() *loader {
	p := newLoader(l.fsys, l.snapshot)
	p.names, p.hashing = l.names, l.hashing
	return p
}

// addPart adds what another loader has found.
func (l *loader) addPart(p *loader) {
	maps.Copy(l.forms, p.forms)
	maps.Copy(l.sums, p.sums)
	maps.Copy(l.lost, p.lost)
	l.problems.addLater(&p.problems)
	l.notes.addLater(&p.notes)
}

// hashAll is the hash of all files that were read: of the names and the hashes of their bytes.
func (l *loader) hashAll() string {
	hash := sha256.New()
	for _, f := range files {
		if sum := l.sums[f.File]; sum != nil {
			fmt.Fprintf(hash, "%s %x\n", f.File, sum())
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// listFolder finds the catalog files in whatever letter case, and notes other CSV files: a misspelt name
// must not be passed over in silence.
func (l *loader) listFolder() {
	l.names = make(map[string]string)
	entries, _ := fs.ReadDir(l.fsys, ".") // a missing folder is a missing products.csv
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		known := isCatalog(name)
		if known && (l.names[name] == "" || e.Name() == name) {
			l.names[name] = e.Name()
		}
	}
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		if strings.HasSuffix(name, ".csv") && !strings.HasSuffix(name, ".example.csv") && l.names[name] != e.Name() {
			l.notes.add(Problem{File: e.Name(), Text: "not a catalog file; it is not read", Advice: "the catalogs are " + catalogNames()})
		}
	}
}

func isCatalog(name string) bool {
	for _, f := range files {
		if f.File == name {
			return true
		}
	}
	return false
}

func catalogNames() string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.File
	}
	return strings.Join(names, ", ")
}

// openFile reads a file and its header.
func (l *loader) openFile(file string, row record) (*csvFile, bool) {
	data, ok := l.readFile(file)
	if !ok {
		return nil, false
	}
	text, err := data.asUTF8()
	if err != nil {
		l.lost[file] = true
		l.problems.add(notText(file, err))
		return nil, false
	}
	s, ok := openCSV(columnsOf(file), text, row, &l.problems, &l.notes)
	l.lost[file] = !ok
	if ok {
		l.forms[file] = form{s.comma, s.headers}
	}
	return s, ok
}

func notText(file string, err error) Problem {
	p := Problem{File: file, Text: err.Error()}
	var at textError
	if errors.As(err, &at) {
		p.Line, p.Advice = at.line, textHints[at.err]
	}
	return p
}

// readFile returns the bytes of a file, which are hashed meanwhile; no for a file that is not there.
func (l *loader) readFile(file string) (pieces, bool) {
	name := l.names[file]
	if name == "" {
		if columnsOf(file).Required {
			l.lost[file] = true
			l.problems.add(Problem{File: file, Text: "no such file in the folder of the catalogs", Advice: "obmen init makes one with its header; fill it from 1C"})
		}
		return nil, false
	}
	data, err := l.readPieces(file, name)
	if err != nil {
		l.lost[file] = true
		l.problems.add(Problem{File: file, Text: "cannot be read: " + withoutPath(err).Error(), Advice: readHint(err)})
		return nil, false
	}
	return data, true
}

var (
	errTooLarge = fmt.Errorf("larger than %d MB", maxFile>>20)
	errNotFile  = errors.New("not a file: a folder, a pipe or a device")
)

// readHint returns what to do about a file that cannot be read.
func readHint(err error) string {
	switch {
	case errors.Is(err, errTooLarge):
		return "leave products and customers out of the export that no order can name"
	case errors.Is(err, errNotFile):
		return "put the CSV file itself there"
	}
	return "close it in other programs and look at its permissions"
}

func (l *loader) readPieces(file, name string) (pieces, error) {
	info, err := fs.Stat(l.fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, errTooLarge
	}
	if !info.Mode().IsRegular() { // a FIFO would be waited for, a device read without end
		return nil, errNotFile
	}
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readPieces(io.LimitReader(f, maxFile+1), pieceSize)
	if err != nil {
		return nil, err
	}
	if data.size() > maxFile { // it has grown
		return nil, errTooLarge
	}
	sum, whole := make(chan []byte, 1), slices.Clone(data) // parsing lets go of what it has read
	l.sums[file] = sync.OnceValue(func() []byte { return <-sum })
	l.hashing.Go(func() { sum <- whole.hashSum() })
	return data, nil
}

// withoutPath is an error without the path it happened at.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func (l *loader) loadProducts() {
	if s, ok := l.openFile(ProductsFile, new(productRow)); ok {
		l.snapshot.products.loadRows(s)
	}
}

func (l *loader) loadSKUs() {
	s, ok := l.openFile(SKUsFile, new(skuRow))
	if !ok {
		return
	}
	l.snapshot.skus.loadRows(s, func(ref string) (uint32, bool) {
		row, found := l.snapshot.products.findRef(ref)
		if !found && ref != "" && !l.lost[ProductsFile] {
			l.unknownProduct(s, ref)
		}
		return row, found
	})
}

// unknownProduct reports a product that skus.csv names and products.csv lacks.
func (l *loader) unknownProduct(s *csvFile, ref string) {
	hint := "add it to products.csv, or write the sku, code or id of a line there"
	if near := l.suggestProduct(ref); near != "" {
		hint = near
	}
	s.reportCell("product", ref, "not in products.csv, or shared by several lines of it", hint)
}

func (l *loader) suggestProduct(ref string) string {
	if l.problems.isFull() {
		return "" // no one will see it
	}
	found := l.snapshot.Suggest(ref, 1)
	if len(found) == 0 {
		return ""
	}
	near := found[0]
	if !near.Alike {
		return "is it " + quoteValue(near.Product.SKU) + " (" + near.Why + ")?"
	}
	return "products.csv has " + quoteValue(near.Product.SKU) + " (" + near.Why + ")"
}

func (l *loader) loadCustomers() {
	if s, ok := l.openFile(CustomersFile, new(customerRow)); ok {
		l.snapshot.customers.loadRows(s)
	}
}

func (l *loader) loadBuyers() {
	s, ok := l.openFile(BuyersFile, new(buyerRow))
	if !ok {
		return
	}
	l.snapshot.buyers.loadRules(s, func(ref string) (uint32, bool) {
		row, found := l.snapshot.customers.findRef(ref)
		if !found && ref != "" && !l.lost[CustomersFile] {
			s.reportCell("customer", ref, "not in customers.csv", "add it there, or write the code or id of a line there")
		}
		return row, found
	})
}

// Snapshot is a loaded set of catalogs. Nothing changes it any more.
type Snapshot struct {
	// Notes are remarks on what was loaded: columns that no one reads, barcodes that stand on several
	// products, files that are no catalogs.
	Notes []Problem

	products  *products
	skus      *skus
	customers *customers
	buyers    buyers
	vat       vatRules
	rates     rates
	near      *near
	search    *search
	forms     map[string]form // how each file is written
	hash      string
}

func newSnapshot() *Snapshot {
	s := &Snapshot{
		products:  newProducts(),
		skus:      newSKUs(),
		customers: newCustomers(),
		buyers:    make(buyers),
		vat:       make(vatRules),
		rates:     make(rates),
		forms:     make(map[string]form),
	}
	s.near, s.search = newNear(s.products), new(search)
	return s
}

// Empty is a snapshot without any entry.
func Empty() *Snapshot {
	s := newSnapshot()
	none := sha256.Sum256(nil)
	s.hash = hex.EncodeToString(none[:])
	return s
}

// Len counts the products and customers.
func (s *Snapshot) Len() (products, customers int) {
	return s.products.len(), s.customers.len()
}

// Hash is a SHA-256 over the catalog files, their names included, in hexadecimal digits: same catalogs,
// same hash.
func (s *Snapshot) Hash() string { return s.hash }
