package serving

import (
	"obmen/cmd/obmen/ui"
)

// The object that check --json prints. Its texts are in the language of the settings.
type (
	jsonCheck struct {
		Good     bool        `json:"good"`
		Problems []jsonFault `json:"problems"`
		Notes    []jsonFault `json:"notes"`
	}
	jsonFault struct {
		Text string `json:"text"`
		Hint string `json:"hint,omitempty"`
	}
)

// runCheckJSON prints what runCheck finds as one object. The exit code is the same.
func runCheckJSON(path string, s ui.Streams) error {
	found, err := check(path)
	if err != nil {
		found = &checked{errs: []error{err}}
	} else {
		err = found.err()
	}
	result := jsonCheck{Good: err == nil, Problems: []jsonFault{}, Notes: []jsonFault{}}
	w := s.Words() // chosen by the settings
	for _, err := range found.errs {
		for _, p := range ui.ProblemsOf(err, w) {
			result.Problems = append(result.Problems, jsonFault{w.Phrase(p.Text), w.Phrase(p.Hint)})
		}
	}
	for _, n := range found.notes {
		result.Notes = append(result.Notes, jsonFault{w.Text(n.text), w.Text(n.hint)})
	}
	if printErr := ui.PrintJSON(s.Out, result); printErr != nil {
		return printErr
	}
	return err
}
