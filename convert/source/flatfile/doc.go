// Package flatfile reads tables of text: the header, the rows, the cells with their places, and the amounts
// as reports and spreadsheet programs write them. Nothing in it knows what a column means.
package flatfile
