// Package outbox writes batches as output sets: staged where nobody looks, named by their content, and
// published together, the workbook before the XML that 1C waits for.
package outbox
