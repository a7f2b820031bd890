package sheet

import (
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"obmen/convert/document"
	"obmen/convert/layout/tmpl"
)

// sheetRows is what one sheet of a workbook holds: the documents from first to before end.
type sheetRows struct {
	first, end int
	rows       int
}

// splitDocuments shares documents out among sheets of so many rows below the header. The rows of a document stay
// together.
func splitDocuments(documents []document.Document, each rowsOf, most int) ([]sheetRows, error) {
	var sheets []sheetRows
	var at sheetRows
	for i := range documents {
		rows := each.rowCount(&documents[i])
		if rows > most {
			return nil, &tmpl.SizeError{Document: documents[i].Number, Rows: rows, Most: most}
		}
		if at.rows+rows > most {
			sheets = append(sheets, at)
			at = sheetRows{first: i, end: i}
		}
		at.end, at.rows = i+1, at.rows+rows
	}
	return append(sheets, at), nil
}

// copySheets adds sheets that look as the first.
func (t *sheetTemplate) copySheets(sheets int) error {
	from, err := t.GetSheetIndex(t.sheet)
	if err != nil {
		return err
	}
	names := t.GetDefinedName()
	for n := 2; n <= sheets; n++ {
		name := sheetName(t.sheet, n)
		to, err := t.NewSheet(name)
		if err == nil {
			err = t.CopySheet(from, to)
		}
		if err == nil {
			err = t.copyPage(name)
		}
		if err == nil {
			err = t.copyNames(names, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sheetName is the name of the n-th sheet, within the length that Excel allows.
func sheetName(sheet string, n int) string {
	suffix := "-" + strconv.Itoa(n)
	runes := []rune(sheet)
	return string(runes[:min(len(runes), excelize.MaxSheetNameLength-len(suffix))]) + suffix
}

func (t *sheetTemplate) copyPage(to string) error {
	page, err := t.GetPageLayout(t.sheet)
	if err != nil {
		return err
	}
	return t.SetPageLayout(to, &page)
}

// copyNames returns the sheet what the first one has by name: its filter, the rows printed on every page.
func (t *sheetTemplate) copyNames(names []excelize.DefinedName, to string) error {
	own := "'" + strings.ReplaceAll(to, "'", "''") + "'!"
	quoted := "'" + strings.ReplaceAll(t.sheet, "'", "''") + "'!"
	for _, n := range names {
		if n.Scope != t.sheet {
			continue
		}
		n.Scope = to
		n.RefersTo = strings.ReplaceAll(strings.ReplaceAll(n.RefersTo, quoted, own), t.sheet+"!", own)
		err := error(nil)
		if n.Name == filterName {
			_, ref, _ := strings.Cut(n.RefersTo, "!")
			err = t.AutoFilter(to, strings.ReplaceAll(ref, "$", ""), nil)
		} else {
			err = t.SetDefinedName(&n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// filterName is the name by which Excel knows the range of a sheet's filter.
const filterName = "_xlnm._FilterDatabase"
