// Package layout writes documents as exchange files of 1C.
//
// A layout is a folder of templates: document.xml is the exchange file itself with actions in the
// syntax of text/template, sheet.xlsx a workbook with a header row and one row of the same actions.
// Both are compiled once, and every mistake in them is found then, with its place and what to do.
// Package tmpl is the language of the templates, package sheet the workbooks.
package layout
