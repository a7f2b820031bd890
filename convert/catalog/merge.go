package catalog

import (
	"io"
	"strings"

	"obmen/convert/money"
)

// ProductUpdate is 1C's word on a product. An empty text leaves what products.csv has.
type ProductUpdate struct {
	ID             string // GUID
	Characteristic string // GUID
	SKU            string
	Code           string
	Name           string
	Unit           string
	VAT            string
	Barcode        string
	Kind           string
	// Offer: the name is that of a characteristic, if there is one; an article that is not in the file
	// makes no line of its own for a product without characteristic.
	Offer   bool
	Deleted bool // marked for deletion in 1C: it makes no new line
}

// ReadUpdates calls each for every update, in their order. An error of each ends it and is returned. It may
// be run several times, and yields the same each time.
type ReadUpdates func(each func(*ProductUpdate) error) error

// LeftOut is an update that is not in the merged file.
type LeftOut struct {
	Name string // of the product
	Text string
	Hint string
}

// mostLeftOut bounds the updates that a Merge names; it counts all.
const mostLeftOut = 20

// Merge is what became of updates.
type Merge struct {
	Added, Changed, Same int
	Left                 int // updates that are not in the file
	LeftOut              []LeftOut
	Gone                 int // products with an id that a full list does not have; their lines stay
	Unwritten            int // characters that the file's encoding lacks, which became "?" now
}

func (m *Merge) leaveOut(u *ProductUpdate, text, hint string) {
	if m.Left++; len(m.LeftOut) < mostLeftOut {
		m.LeftOut = append(m.LeftOut, LeftOut{u.Name, text, hint})
	}
}

// MergedProducts is a products.csv with updates in it.
type MergedProducts struct {
	Merge
	file *mergeFile
}

// Differs reports whether the file is not as it was.
func (p *MergedProducts) Differs() bool {
	return p.Added+p.Changed > 0 || p.file.missing > 0 || p.file.fresh
}

// WriteTo writes the whole file.
func (p *MergedProducts) WriteTo(w io.Writer) (int64, error) { return p.file.writeTo(w) }

// MergeProducts brings updates into a products.csv. Columns of others, encoding, delimiter, line ends and
// the order of lines and columns stay; lines without a change stay byte for byte. No line is ever removed.
// A line is found by id and characteristic, else by its article where it has no id yet. Unit, VAT and kind
// of a characteristic are those of its product, unless it has its own. With full the updates are all
// products that 1C has, so that a line's id which is not among them is out of date and gives way to the new
// one of its article. An old file that cannot be read is an error; an empty one becomes a new file. What
// comes out never has two lines of one article.
//
// In memory are the old file, the lines that changed, and an index of both; never the updates.
func MergeProducts(old string, read ReadUpdates, full bool) (*MergedProducts, error) {
	file, err := openMergeFile(old)
	if err != nil {
		return nil, err
	}
	m := &merger{mergeFile: file, renewed: map[guid]inherited{}}
	if full {
		if err := m.noteIDs(read); err != nil {
			return nil, err
		}
	}
	if err := read(m.update); err != nil {
		return nil, err
	}
	if err := m.passOn(); err != nil {
		return nil, err
	}
	m.countGone()
	m.result.Unwritten = m.unwritten
	return &MergedProducts{m.result, file}, nil
}

// merger brings updates into a file.
type merger struct {
	*mergeFile
	listed map[guid]bool // ids of the updates; nil unless they are all that 1C has
	// renewed has products whose line is new or changed, with what stood there before.
	renewed map[guid]inherited
	result  Merge
}

// noteIDs notes the ids of all updates.
func (m *merger) noteIDs(read ReadUpdates) error {
	m.listed = map[guid]bool{}
	return read(func(u *ProductUpdate) error {
		if id, ok := parseGUID(u.ID); ok {
			m.listed[id] = true
		}
		return nil
	})
}

// outOfDate reports whether 1C does not have an id any more.
func (m *merger) outOfDate(id string) bool {
	parsed, _ := parseGUID(id)
	return m.listed != nil && !m.listed[parsed]
}

// update brings one update into the file.
func (m *merger) update(u *ProductUpdate) error {
	if u.Characteristic == nobody {
		u.Characteristic = ""
	}
	if _, ok := productKeyOf(u.ID, ""); !ok {
		u.ID = "" // of a system that is no 1C: matched by article alone
	}
	if _, ok := productKeyOf(u.ID, u.Characteristic); !ok && u.Characteristic != "" {
		m.result.leaveOut(u, "its characteristic has no id of 1C", "send products from 1C itself")
		return nil
	}
	at, ok, err := m.find(u)
	switch {
	case err != nil || !ok:
		return err
	case at == newRow && u.Name == "":
		m.result.leaveOut(u, "it has no name", "give it a name in 1C")
		return nil
	}
	row, err := m.open(at)
	if err != nil {
		return err
	}
	if err := m.fill(row, u); err != nil {
		return err
	}
	switch {
	case at == newRow:
		m.result.Added++
	case row.changed:
		m.result.Changed++
	default:
		m.result.Same++
	}
	return m.save(row)
}

// find returns the line of an update, newRow when there is none yet. It is not ok, and said so, when the
// update fits no line and cannot have one.
func (m *merger) find(u *ProductUpdate) (at int, ok bool, err error) {
	if key, ok := productKeyOf(u.ID, u.Characteristic); ok {
		if at, found := m.byID[key]; found {
			return int(at), true, nil
		}
	}
	found, known := m.bySKU[Normal(u.SKU)]
	at = int(found)
	switch {
	case u.SKU == "":
		if !u.Offer || u.Characteristic != "" {
			m.result.leaveOut(u, "1C has no article for it", "give it an article in 1C: orders are matched by it")
		}
		return newRow, false, nil
	case !known:
		return newRow, !u.Deleted && (!u.Offer || u.Characteristic != ""), nil
	case u.ID == "":
		return at, true, nil
	}
	row, err := m.open(at)
	if err != nil {
		return newRow, false, err
	}
	if id := m.cell(row, "id"); id == "" || m.outOfDate(id) {
		return at, true, nil
	}
	if !u.Deleted && (!u.Offer || u.Characteristic != "") {
		m.result.leaveOut(u, "its article "+quoteValue(u.SKU)+" is that of another product or characteristic", "give each of them an article of its own in 1C")
	}
	return newRow, false, nil
}

// fill takes the update's values over into a line.
func (m *merger) fill(row *openRow, u *ProductUpdate) error {
	before := m.inheritedOf(row)
	m.set(row, "id", strings.ToLower(u.ID))
	m.set(row, "characteristic", strings.ToLower(u.Characteristic))
	if other, taken := m.bySKU[Normal(u.SKU)]; !taken || int(other) == row.at {
		if Normal(u.SKU) != Normal(m.cell(row, "sku")) {
			m.set(row, "sku", u.SKU)
		}
	} else {
		m.result.leaveOut(u, "its new article "+quoteValue(u.SKU)+" stands on another line", "give each product an article of its own in 1C")
	}
	if !u.Offer || u.Characteristic != "" || m.cell(row, "name") == "" {
		m.set(row, "name", u.Name)
	}
	for column, value := range map[string]string{"code": u.Code, "unit": u.Unit, "barcode": u.Barcode} {
		m.set(row, column, value)
	}
	m.setVAT(row, u.VAT)
	m.setKind(row, u.Kind)
	key, _ := productKeyOf(m.cell(row, "id"), m.cell(row, "characteristic"))
	if key.characteristic == (guid{}) {
		if _, noted := m.renewed[key.id]; !noted && key.id != (guid{}) && m.inheritedOf(row) != before {
			m.renewed[key.id] = before
		}
		return nil
	}
	return m.inherit(row, key.id, inherited{})
}

func (m *merger) setVAT(row *openRow, text string) {
	if rate, err := money.ParseVATRate(text); text != "" && err == nil {
		if was, err := money.ParseVATRate(m.cell(row, "vat")); err != nil || was != rate {
			m.set(row, "vat", text)
		}
	}
}

func (m *merger) setKind(row *openRow, text string) {
	if kind := kinds[headerKey(text)]; kind != "" && kind != kindOf(m.cell(row, "kind")) {
		m.set(row, "kind", text)
	}
}

// kindOf is goods for an empty cell.
func kindOf(cell string) string {
	if cell == "" {
		return "goods"
	}
	return kinds[headerKey(cell)]
}

// inherited holds the columns that a characteristic has of its product.
type inherited struct{ unit, vat, kind string }

func (m *merger) inheritedOf(row *openRow) inherited {
	return inherited{m.cell(row, "unit"), m.cell(row, "vat"), m.cell(row, "kind")}
}

// inherit gives the line of a characteristic what its product has, in place of nothing and of what the
// product had before.
func (m *merger) inherit(row *openRow, product guid, before inherited) error {
	at, found := m.byID[productKey{id: product}]
	if !found || int(at) == row.at {
		return nil
	}
	parent, err := m.open(int(at))
	if err != nil {
		return err
	}
	own, now := m.inheritedOf(row), m.inheritedOf(parent)
	for _, one := range []struct{ column, own, before, now string }{
		{"unit", own.unit, before.unit, now.unit}, {"vat", own.vat, before.vat, now.vat}, {"kind", own.kind, before.kind, now.kind},
	} {
		if one.own == "" || one.own == one.before {
			m.set(row, one.column, one.now)
		}
	}
	return nil
}

// passOn lets characteristics follow the products whose lines have changed.
func (m *merger) passOn() error {
	if len(m.renewed) == 0 {
		return nil
	}
	for at := range m.rows {
		if !m.rows[at].characteristic {
			continue
		}
		row, err := m.open(at)
		if err != nil {
			return err
		}
		id, _ := parseGUID(m.cell(row, "id"))
		before, renewed := m.renewed[id]
		if !renewed {
			continue
		}
		if err := m.inherit(row, id, before); err != nil {
			return err
		}
		if row.changed && !m.rows[at].changed {
			m.result.Changed++
		}
		if err := m.save(row); err != nil {
			return err
		}
	}
	return nil
}

// countGone counts the products that 1C does not have any more.
func (m *merger) countGone() {
	if m.listed == nil {
		return
	}
	for key := range m.byID {
		if !m.listed[key.id] {
			m.result.Gone++
		}
	}
}
