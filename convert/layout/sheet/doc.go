// Package sheet writes workbooks: those of a layout, by a workbook with one row of placeholders, as .xlsx,
// .xls or .csv; and plain ones, a report's sheets.
package sheet
