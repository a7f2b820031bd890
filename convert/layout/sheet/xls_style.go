package sheet

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"obmen/convert/layout/xls"
)

func (t *sheetTemplate) readPageXLS(page *xls.Page) error {
	layout, err := t.GetPageLayout(t.sheet)
	if err != nil {
		return err
	}
	props, err := t.GetSheetProps(t.sheet)
	if err != nil {
		return err
	}
	page.Landscape = layout.Orientation != nil && *layout.Orientation == "landscape"
	if layout.Size != nil {
		page.Paper = uint16(*layout.Size)
	}
	if props.FitToPage == nil || !*props.FitToPage {
		return nil
	}
	page.Wide, page.High = 1, 1
	if layout.FitToWidth != nil {
		page.Wide = uint16(*layout.FitToWidth)
	}
	if layout.FitToHeight != nil {
		page.High = uint16(*layout.FitToHeight)
	}
	return nil
}

// titlesName is the name by which Excel knows what it prints on every page.
const titlesName = "_xlnm.Print_Titles"

// cellRange is a range of cells, rows or columns, without its sheet: $A$1:$AJ$2, $1:$1, $A:$A.
var cellRange = regexp.MustCompile(`^\$?([A-Z]*)\$?([0-9]*):\$?([A-Z]*)\$?([0-9]*)$`)

// readNamesXLS reads what the sheet has by name: its filter, and what is printed on every page.
func (t *sheetTemplate) readNamesXLS(sheet *xls.Sheet) {
	for _, n := range t.GetDefinedName() {
		if n.Scope != t.sheet {
			continue
		}
		for _, ref := range rangesOf(n.RefersTo) {
			columns, rows := spansOf(ref)
			switch {
			case n.Name == filterName && columns.Count > 0 && rows.Count > 0:
				columns.Count = max(0, min(columns.Count, len(sheet.Widths)-columns.First))
				sheet.Filter, sheet.FilterRow = columns, rows.First
			case n.Name == titlesName && rows.Count > 0:
				sheet.TitleRows = rows
			case n.Name == titlesName && columns.Count > 0:
				sheet.TitleColumns = columns
			}
		}
	}
}

// rangesOf are the ranges of a formula such as 'My sheet'!$A:$A,'My sheet'!$1:$1.
func rangesOf(formula string) (list []string) {
	for _, part := range strings.Split(formula, ",") {
		list = append(list, part[strings.LastIndex(part, "!")+1:])
	}
	return list
}

// spansOf are the columns and the rows of a range; none where it names all.
func spansOf(ref string) (columns, rows xls.Span) {
	m := cellRange.FindStringSubmatch(ref)
	if m == nil {
		return columns, rows
	}
	first, _ := excelize.ColumnNameToNumber(m[1])
	last, _ := excelize.ColumnNameToNumber(m[3])
	return newSpan(first, last), spanOf(m[2], m[4])
}

func spanOf(first, last string) xls.Span {
	from, _ := strconv.Atoi(first)
	to, _ := strconv.Atoi(last)
	return newSpan(from, to)
}

// newSpan takes numbers from 1; 0 is none.
func newSpan(first, last int) xls.Span {
	if first == 0 || last < first {
		return xls.Span{}
	}
	return xls.Span{First: first - 1, Count: last - first + 1}
}
