package desk

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"obmen/convert/catalog"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// AddOptions are lines to add to a catalog file.
type AddOptions struct {
	File    string              // "skus.csv"
	Lines   []map[string]string // cells by canonical column
	Hash    string              // of the file as it was shown, see CatalogHash; empty takes it as it is, "none" where there was none
	Preview bool                // write nothing
}

// Added is the result of AddLines: what was written, or would be.
type Added struct {
	File    string   `json:"file"`
	Lines   []string `json:"lines"` // as they stand in the file
	Hash    string   `json:"hash"`  // of the file before, for a Preview; else after
	Running bool     `json:"running"`
}

// AddLines adds lines to a catalog file, all or none. The file keeps its encoding, delimiter, line ends, columns and
// every byte that was there. It is replaced at once, one change after the other between all processes. Nothing is
// written when the file changed since it was shown, when the catalogs would have a mistake, or when a line of
// skus.csv would make a kit of an SKU that has a line. A running watcher tries the orders that wait again.
func (d *Desk) AddLines(ctx context.Context, opt AddOptions) (*Added, error) {
	if !opt.Preview {
		if err := d.begin(ctx, roles.Work, "cure", opt.File, aboutLines(opt.Lines)); err != nil {
			return nil, err
		}
	}
	if d.Catalogs != "" && !opt.Preview {
		lock, err := d.lockCatalogs(ctx)
		if err != nil {
			return nil, err
		}
		defer lock.Release()
	}
	f, err := d.readCatalogFile(opt.File)
	if err != nil {
		return nil, err
	}
	if err := f.checkUnchanged(opt.Hash); err != nil {
		return nil, err
	}
	after, lines, err := f.withLines(&opt)
	if err != nil {
		return nil, err
	}
	if _, err := d.loadWith(f, after); err != nil {
		return nil, refuseMistakes(filepath.Base(f.path), err)
	}
	done := &Added{File: filepath.Base(f.path), Lines: lines, Hash: cmp.Or(f.hash, noFile)}
	if !opt.Preview {
		if err := d.noteWritten(ctx, &opt, lines); err != nil {
			return nil, err
		}
		if err := f.replace(after); err != nil {
			return nil, err
		}
		done.Hash = hashOf(after)
	}
	done.Running, _, err = d.Watcher()
	return done, err
}

// aboutLines names lines in the trail: by their SKU or country, never by a buyer.
func aboutLines(lines []map[string]string) string {
	var list []string
	for _, cells := range lines {
		if name := strings.TrimSpace(cells["sku"] + " " + cells["product"] + cells["country"]); name != "" {
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}

// withLines returns the file with the lines, and the lines as they stand in it.
func (f *catalogFile) withLines(opt *AddOptions) (after []byte, lines []string, err error) {
	file, err := catalog.ReadFile(opt.File, f.data)
	if err != nil {
		return nil, nil, err
	}
	for _, cells := range opt.Lines {
		if err := refuseKit(file, cells); err != nil {
			return nil, nil, err
		}
		line, err := file.Line(cells)
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, line)
	}
	after, err = file.Append(f.data, lines)
	return after, lines, err
}

// refuseKit refuses a line for an SKU that has one: together they would be a kit of both products.
func refuseKit(f *catalog.File, cells map[string]string) error {
	if f.Name != catalog.SKUsFile {
		return nil
	}
	if row := findSKU(f, cells["sku"], cells["marketplace"]); row != nil {
		return words.Refuse(
			words.New("cure.sku-there", "SKU", cells["sku"], "Line", row.Line, "Product", f.Cell(*row, "product")),
			words.New("cure.look-again"))
	}
	return nil
}

// SKULine is the line of skus.csv that an SKU has.
type SKULine struct {
	Line              int // physical, 1-based
	Product, Quantity string
}

// SKULine finds the line of an SKU for a marketplace, or for all with an empty one, as skus.csv has it now; nil
// without one.
func (d *Desk) SKULine(sku, marketplace string) (*SKULine, error) {
	f, err := d.readCatalogFile(catalog.SKUsFile)
	if err != nil {
		return nil, err
	}
	file, err := catalog.ReadFile(catalog.SKUsFile, f.data)
	if err != nil {
		return nil, err
	}
	row := findSKU(file, sku, marketplace)
	if row == nil {
		return nil, nil
	}
	return &SKULine{row.Line, file.Cell(*row, "product"), file.Cell(*row, "quantity")}, nil
}

// findSKU returns the row of an SKU for a marketplace; nil without one.
func findSKU(f *catalog.File, sku, marketplace string) *catalog.FileRow {
	for i := range f.Rows {
		same := func(column, value string) bool {
			return catalog.Normal(f.Cell(f.Rows[i], column)) == catalog.Normal(value)
		}
		if same("sku", sku) && same("marketplace", marketplace) {
			return &f.Rows[i]
		}
	}
	return nil
}

// refuseMistakes names the first mistake that the catalogs would have.
func refuseMistakes(file string, err error) error {
	first := err
	if problems, ok := errors.AsType[catalog.Problems](err); ok && len(problems) > 0 {
		first = problems[0]
	}
	return &words.Error{Text: words.New("cure.mistake", "File", file, "Problem", first.Error()), Next: words.New("cure.mend"), Err: err}
}

// CureOptions say what a marketplace's SKU is in 1C.
type CureOptions struct {
	SKU         string
	Marketplace string    // one of those that orders wait for; empty for all of them
	Parts       []KitPart // one product, or the parts of a kit
	Hash        string    // see AddOptions
	Preview     bool      // write nothing
}

// KitPart is a product of an SKU.
type KitPart struct {
	Product  string // sku, code or id of a line in products.csv
	Quantity string // empty is 1
	Share    string // of the money of a kit
}

// Cured is the result of Cure.
type Cured struct {
	Added
	Orders int `json:"orders"` // that wait for it
}

// Cure adds an SKU that held orders wait for to skus.csv, once for each marketplace that they name.
func (d *Desk) Cure(ctx context.Context, opt CureOptions) (*Cured, error) {
	causes, err := d.HeldCauses(ctx, HeldOptions{Code: "unknown-sku", File: catalog.SKUsFile})
	if err != nil {
		return nil, err
	}
	causes = slices.DeleteFunc(causes, func(c Cause) bool {
		return c.Cells["sku"] != opt.SKU || opt.Marketplace != "" && c.Cells["marketplace"] != opt.Marketplace
	})
	if len(causes) == 0 {
		return nil, words.Refuse(words.New("cure.not-waited-for", "SKU", opt.SKU), words.New("desk.lists-them", "Command", d.Command("held")))
	}
	parts, err := d.productsOf(opt.Parts)
	if err != nil {
		return nil, err
	}
	done, add := &Cured{}, AddOptions{File: catalog.SKUsFile, Hash: opt.Hash, Preview: opt.Preview}
	marketplaces := map[string]bool{}
	for _, c := range causes {
		done.Orders += c.Orders
		marketplace := c.Cells["marketplace"]
		if marketplaces[marketplace] {
			continue
		}
		marketplaces[marketplace] = true
		for _, p := range parts {
			add.Lines = append(add.Lines, map[string]string{
				"sku": opt.SKU, "marketplace": marketplace, "product": p.Product, "quantity": cmp.Or(p.Quantity, "1"), "share": p.Share,
			})
		}
	}
	added, err := d.AddLines(ctx, add)
	if err != nil {
		return nil, err
	}
	done.Added = *added
	return done, nil
}

// productsOf writes products as skus.csv finds them, and refuses one that the catalog does not have.
func (d *Desk) productsOf(parts []KitPart) ([]KitPart, error) {
	cat, err := d.Catalog()
	if err != nil {
		return nil, err
	}
	if cat == nil || len(parts) == 0 {
		return nil, words.Refuse(words.New("cure.no-product"), words.New("cure.search", "Command", d.Command("held", "find", "TEXT")))
	}
	list := slices.Clone(parts)
	for i := range list {
		p, ok := cat.ProductByRef(list[i].Product)
		if !ok {
			return nil, words.Refuse(words.New("cure.unknown-product", "Product", list[i].Product), words.New("cure.search", "Command", d.Command("held", "find", "TEXT")))
		}
		list[i].Product = cmp.Or(p.SKU, p.Code, p.ID)
	}
	return list, nil
}

// FoundProduct is a product that a search found.
type FoundProduct struct {
	SKU     string `json:"sku"`
	Code    string `json:"code,omitempty"`
	Name    string `json:"name"`
	Barcode string `json:"barcode,omitempty"`
	Unit    string `json:"unit,omitempty"`
	Service bool   `json:"service,omitempty"`
}

// ProductNamed returns the product that a cure means by its sku, code or id; false when the catalog has none.
func (d *Desk) ProductNamed(ref string) (FoundProduct, bool, error) {
	cat, err := d.Catalog()
	if err != nil || cat == nil {
		return FoundProduct{}, false, err
	}
	p, ok := cat.ProductByRef(ref)
	return foundProduct(&p), ok, nil
}

func foundProduct(p *catalog.Product) FoundProduct {
	return FoundProduct{p.SKU, p.Code, p.Name, p.Barcode, p.Unit, p.Service}
}

// MostFound is how many products a search returns.
const MostFound = 20

// FindProducts searches the catalog for products by parts of SKU, code, barcode and name.
func (d *Desk) FindProducts(query string) ([]FoundProduct, error) {
	cat, err := d.Catalog()
	if err != nil || cat == nil {
		return []FoundProduct{}, err
	}
	list := []FoundProduct{}
	for _, p := range cat.SearchProducts(query, MostFound) {
		list = append(list, foundProduct(&p))
	}
	return list, nil
}

// SuggestProducts lists products whose SKU nearly is a marketplace's: questions to a person, never answers.
func (d *Desk) SuggestProducts(sku string, most int) ([]FoundProduct, error) {
	cat, err := d.Catalog()
	if err != nil || cat == nil {
		return nil, err
	}
	var list []FoundProduct
	for _, near := range cat.Suggest(sku, most) {
		p := &near.Product
		list = append(list, FoundProduct{p.SKU, p.Code, p.Name, p.Barcode, p.Unit, p.Service})
	}
	return list, nil
}
