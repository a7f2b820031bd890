package words_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"obmen/watch/desk/words"
)

// An escaped text has nothing that a terminal or an eye obeys, and is read back as it was.
func TestEscapedTextIsSafeAndComesBack(t *testing.T) {
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[31m", "\u202e", "\u200b", "\u009b", "\U000e0041", `\u202e`, `\u12`, `\`, `\u005c`, `\ud800`, "302-1", "\n"}))
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ToValidUTF8(strings.Join(rapid.SliceOf(piece).Draw(t, "text"), ""), "\ufffd")
		safe := words.EscapeReversibly(text)
		if strings.ContainsFunc(safe, words.Unsafe) {
			t.Errorf("%q: escaped as %q", text, safe)
		}
		if shown := words.EscapeUnsafe(text); strings.ContainsFunc(shown, words.Unsafe) {
			t.Errorf("%q: shown as %q", text, shown)
		}
		if back := words.UnescapeUnsafe(safe); back != text {
			t.Errorf("%q: escaped as %q, read as %q", text, safe, back)
		}
	})
}
