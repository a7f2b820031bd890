package sheet

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Column is a column of a workbook template as a person sees it.
type Column struct{ Header, Placeholder string }

// Columns lists the columns of a workbook template: the row of placeholders and the headers above it. It
// does not say whether they are right.
func Columns(data []byte) ([]Column, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a workbook: %w", err)
	}
	defer f.Close()
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, err
	}
	for r, cells := range rows {
		if r == 0 || !strings.Contains(strings.Join(cells, ""), "{{") {
			continue
		}
		columns := make([]Column, max(len(cells), len(rows[r-1])))
		for i, text := range cells {
			columns[i].Placeholder = text
		}
		for i, text := range rows[r-1] {
			columns[i].Header = text
		}
		return columns, nil
	}
	return nil, nil
}
