package serving

import "obmen/watch/desk/words"

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

// checkNote is something to look at that stops nothing. Hint is zero when there is no next step.
type checkNote struct{ text, hint words.Text }
