// Package xls writes workbooks of Excel 97: BIFF8 records in a compound file, as old 1C and programs
// that load through COM or ADO read them. It writes what a table needs and no more: texts, numbers, the
// looks of cells, widths, a frozen header, the page. It knows neither formulas nor charts.
//
// The rows are asked for twice, first to learn the length of everything that the file's head has to
// name, then to write them. So a file of any length streams; only its different texts are kept, once.
//
// Sources: Microsoft's [MS-XLS] and [MS-CFB].
package xls
