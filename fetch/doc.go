// Package fetch saves Amazon's orders as files: it asks for everything that changed since the last time,
// page by page, and puts each answer's body, unchanged, where others read it.
//
// Nothing is lost: a page is durable before the cursor that stands behind it moves, so that a run that is
// killed goes on where the last durable page ended, or asks once more. Asking more than once does no harm
// here; whoever reads the files knows an order by its number and its time of change.
//
// Amazon's bounds are inclusive, its clock is the only one that counts, and what changed a moment ago may
// not be found yet. So the next window begins at the end that Amazon named for the last one, less an
// overlap.
//
// The package knows neither where cursors are kept nor what becomes of the files: it gets a Store and a
// put function.
package fetch
