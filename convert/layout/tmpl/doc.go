// Package tmpl is the language of templates: the syntax of text/template over the fields of a document.
//
// A template is compiled to a list of small steps over typed fields: nothing is looked up by name while
// a file is written, and every value is escaped by the engine, never by the template.
package tmpl
