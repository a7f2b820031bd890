package spapi

import (
	"fmt"
	"log/slog"
	"strings"
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

// redact takes every secret out of a text that others wrote.
func redact(s string, secrets ...string) string {
	for _, secret := range secrets {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, hidden)
		}
	}
	return s
}

// oneLine keeps the start of a text that others wrote, on one line.
func oneLine(s string) string {
	const most = 300 // bytes; Amazon's messages are a sentence or two
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
