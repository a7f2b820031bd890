package fetching

import (
	"errors"
	"time"
)

// checkLine is one thing that fetch --check has looked at.
type checkLine struct {
	Account string `json:"account"`
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
}

// ErrCheck says that fetch --check has found something; its lines say what.
var ErrCheck = errors.New("not everything is right")

// checkTimeout is how long a check waits for one answer, and it asks once: a person waits for it.
const checkTimeout = 4 * time.Second

const roleHint = "add the role to the app in Seller Central, Develop Apps, then authorise it again"
