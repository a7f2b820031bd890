package watch

import (
	"os"

	"obmen/convert"
	"obmen/convert/source"
	"obmen/watch/ledger"
)

// Kept opens the bytes of a dropped file that the state folder keeps, under the name they were dropped
// with. The error is fs.ErrNotExist when they have been purged.
func Kept(state string, seal *Seal, sha256, name string) (source.Input, error) {
	w := &Watcher{State: state, Seal: seal}
	if _, err := os.Stat(w.rawPath(sha256)); err != nil {
		return source.Input{}, err
	}
	return w.rawInput(sha256, name), nil
}

// Outcomes are holds of the ledger as outcomes of a conversion, to be listed.
func Outcomes(holds []ledger.Hold) []convert.Outcome {
	list := make([]convert.Outcome, len(holds))
	for i := range holds {
		list[i] = outcomeOf(&holds[i])
	}
	return list
}

// FileOf is the name of the file that a hold came in.
func FileOf(h *ledger.Hold) string { return originFile(h.Origin) }
