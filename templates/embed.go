// Package templates holds the layouts that come with the program: one folder each, with document.xml,
// sheet.xlsx or both, and a README.md. A new layout is a new folder. A folder 1c in it has what reads
// the layout inside 1C.
package templates

import "embed"

// FS has a folder for every layout.
//
//go:embed */*.xml */*.xlsx */*.xsd */*.toml */*.md */1c/*
var FS embed.FS
