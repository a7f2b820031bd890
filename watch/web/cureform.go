package web

import (
	"cmp"
	"net/url"
	"slices"

	"obmen/convert/catalog"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// cureForm holds what a person fills in to cure a cause.
type cureForm struct {
	File   string
	Link   string // of the cause
	Fields []cureField
	Parts  []curePart // of skus.csv: the chosen products
	Query  string
	Found  []foundProduct
	Near   []foundProduct // that look like what is searched for, before anyone has searched
	Lines  []string       // that would be written; empty while something is missing
	Wrong  *failure       // why they cannot be written
	Hash   string         // of the file as it is shown
}

// cureField is a column of the line.
type cureField struct {
	Name, Label, Value string
	Needed             bool
}

// curePart is a chosen product of an SKU.
type curePart struct {
	desk.FoundProduct
	Ref, Quantity, Share string
	Without              string // the page without it
}

type foundProduct struct {
	desk.FoundProduct
	Choose string // the page with it
}

// curable are the catalogs whose lines can be written here.
var curable = []string{catalog.SKUsFile, catalog.CustomersFile, catalog.VATFile, catalog.BuyersFile}

// cureOf returns the form that cures a cause, as far as it is filled in, with the lines that it would write; nil where
// no line cures it.
func (v *visit) cureOf(c *desk.Cause, orders []desk.Hold) (*cureForm, error) {
	f, err := v.cureFormOf(c, orders)
	if f != nil && err == nil {
		v.previewCure(f, c)
	}
	return f, err
}

// cureFormOf is cureOf without the lines.
func (v *visit) cureFormOf(c *desk.Cause, orders []desk.Hold) (*cureForm, error) {
	if !v.mayWork() || !slices.Contains(curable, c.File) || c.File == catalog.SKUsFile && c.Cells["sku"] == "" {
		return nil, nil
	}
	f := &cureForm{File: c.File, Link: causeLink(c.Code, c.File, c.Line), Query: v.field("q")}
	var err error
	if f.Hash, err = v.desk.CatalogHash(c.File); err != nil {
		return nil, err
	}
	f.Hash = cmp.Or(f.Hash, "none")
	if c.File == catalog.SKUsFile {
		if err = v.fillParts(f); err == nil && f.Query == "" && len(f.Parts) == 0 {
			err = v.fillNear(f, c.Cells["sku"])
		}
	} else {
		v.fillFields(f, c, orders)
	}
	return f, err
}

// fillParts shows the chosen products of an SKU, and those that the search finds.
func (v *visit) fillParts(f *cureForm) error {
	refs, quantities, shares := v.r.Form["product"], v.r.Form["quantity"], v.r.Form["share"]
	at := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	with := func(refs []string) string {
		link := f.Link
		for i, ref := range refs {
			link += "&product=" + url.QueryEscape(ref) + "&quantity=" + url.QueryEscape(at(quantities, i)) + "&share=" + url.QueryEscape(at(shares, i))
		}
		return link
	}
	for i, ref := range refs[:min(len(refs), mostParts)] {
		found, _, err := v.desk.ProductNamed(ref)
		if err != nil {
			return err
		}
		part := curePart{FoundProduct: found, Ref: ref, Quantity: cmp.Or(at(quantities, i), "1"), Share: at(shares, i)}
		part.Without = with(slices.Delete(slices.Clone(refs), i, i+1))
		f.Parts = append(f.Parts, part)
	}
	if f.Query == "" {
		return nil
	}
	found, err := v.desk.FindProducts(f.Query)
	for _, p := range found {
		f.Found = append(f.Found, foundProduct{p, with(append(slices.Clone(refs), cmp.Or(p.SKU, p.Code)))})
	}
	return err
}

// mostNear is how many products are named that an SKU looks like.
const mostNear = 3

// fillNear shows the products that an SKU looks like.
func (v *visit) fillNear(f *cureForm, sku string) error {
	near, err := v.desk.SuggestProducts(sku, mostNear)
	for _, p := range near {
		ref := cmp.Or(p.SKU, p.Code)
		f.Near = append(f.Near, foundProduct{p, f.Link + "&" + url.Values{"product": {ref}, "quantity": {""}, "share": {""}}.Encode()})
	}
	return err
}

// mostParts bounds the products of a kit.
const mostParts = 30

// fillFields shows the columns of a line, filled with what is known.
func (v *visit) fillFields(f *cureForm, c *desk.Cause, orders []desk.Hold) {
	for _, file := range catalog.Columns() {
		if file.File != c.File {
			continue
		}
		for _, column := range file.Columns {
			field := cureField{Name: column.Name, Label: column.Name, Value: c.Cells[column.Name], Needed: column.Required}
			if v.words.Language == words.Russian && len(column.Russian) > 0 {
				field.Label = column.Russian[0]
			}
			if column.Name == "country" && field.Value == "" && len(orders) > 0 {
				field.Value = orders[0].Country
			}
			if given := v.field("c." + column.Name); given != "" {
				field.Value = given
			}
			f.Fields = append(f.Fields, field)
		}
	}
}

// previewCure shows the lines that would be written.
func (v *visit) previewCure(f *cureForm, c *desk.Cause) {
	if len(f.Parts) == 0 && v.field("show") == "" {
		return
	}
	added, err := v.writeCure(f, c, true)
	if err != nil {
		wrong := v.failure(err)
		f.Wrong = &wrong
		return
	}
	f.Lines = added.Lines
}

// writeCure writes the lines of a form, or shows them.
func (v *visit) writeCure(f *cureForm, c *desk.Cause, preview bool) (*desk.Added, error) {
	if f.File == catalog.SKUsFile {
		opt := desk.CureOptions{SKU: c.Cells["sku"], Marketplace: c.Cells["marketplace"], Hash: f.Hash, Preview: preview}
		for _, p := range f.Parts {
			opt.Parts = append(opt.Parts, desk.KitPart{Product: p.Ref, Quantity: p.Quantity, Share: p.Share})
		}
		done, err := v.desk.Cure(v.ctx(), opt)
		if err != nil {
			return nil, err
		}
		return &done.Added, nil
	}
	cells := map[string]string{}
	for _, field := range f.Fields {
		cells[field.Name] = field.Value
	}
	return v.desk.AddLines(v.ctx(), desk.AddOptions{File: f.File, Lines: []map[string]string{cells}, Hash: f.Hash, Preview: preview})
}

var _ = addAction(action{Path: "held/cure", Role: roles.Work, Do: func(v *visit) (string, error) {
	opt := desk.HeldOptions{Code: v.field("code"), File: v.field("file"), Line: v.field("line")}
	causes, err := v.desk.HeldCauses(v.ctx(), opt)
	if err != nil {
		return "/held", err
	}
	causes = slices.DeleteFunc(causes, func(c desk.Cause) bool { return c.Line != opt.Line }) // without a line: those of no line
	if len(causes) == 0 {
		return "/held", words.Refuse(words.New("web.held.cured-before"), words.New("cure.look-again"))
	}
	f, err := v.cureFormOf(&causes[0], nil)
	if err != nil || f == nil {
		return "/held", err
	}
	f.Hash = v.field("hash")
	done, err := v.writeCure(f, &causes[0], false)
	if err != nil {
		return f.Link, err
	}
	v.tell(words.Count("web.held.written", causes[0].Orders, "File", done.File))
	return "/held", nil
}})

func causeLink(code, file, line string) string {
	return "/held?" + url.Values{"code": {code}, "file": {file}, "line": {line}}.Encode()
}
