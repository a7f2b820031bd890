package spapi

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
)

// hidden stands wherever a secret would.
const hidden = "[secret]"

// Credentials are what Amazon gave the seller's app. No format verb and no log shows them.
type Credentials struct {
	ClientID     string // amzn1.application-oa2-client…
	ClientSecret string
	RefreshToken string // Atzr|…
}

var (
	_ fmt.Formatter  = Credentials{}
	_ slog.LogValuer = Credentials{}
)

// Format writes no value, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the values from log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText keeps the values out of JSON and TOML, too.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// secrets are what Amazon gave during a run: access tokens, restricted data tokens and links of reports. It may
// be used by several goroutines.
type secrets struct {
	mu   sync.Mutex
	list []string
}

// mostSecrets bounds the list; a token lives for an hour and a link for minutes.
const mostSecrets = 100

func (s *secrets) add(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret == "" || slices.Contains(s.list, secret) {
		return
	}
	if s.list = append(s.list, secret); len(s.list) > mostSecrets {
		s.list = s.list[1:]
	}
}

func (s *secrets) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

// secretShapes are the forms of Amazon's secrets, for those that this run was never given: tokens of any kind, an
// app's client secret, and what makes a link of S3 work.
var secretShapes = regexp.MustCompile(`(?i)\bAtz[a-z.]*(?:\||%7C)[^\s"'<>,;&()\[\]{}]+|\bamzn1\.oa2-cs\.[\w.-]+|\bX-Amz-(?:Signature|Credential|Security-Token)=[^\s"'<>&]+`)
