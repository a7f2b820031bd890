package words

import (
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// A message that is filled is what its template makes of it.
func TestPlainTextsAreWhatTheirTemplatesMake(t *testing.T) {
	for _, lang := range Languages() {
		w := In(lang)
		if len(w.plain) < 500 {
			t.Errorf("%s: %d plain messages", lang, len(w.plain))
		}
		for code, p := range w.plain {
			args := map[string]any{}
			for _, name := range p.names {
				args[name] = "<" + name + "> & {{.N}}"
			}
			want, err := w.local.Localize(&i18n.LocalizeConfig{MessageID: code, TemplateData: args})
			if got, ok := p.fill(w, args); err != nil || !ok || got != want {
				t.Errorf("%s %s: %q, %v, want %q, %v", lang, code, got, ok, want, err)
			}
		}
	}
	if text, ok := parsePlain("{{.N}} of {{len .List}}"); ok {
		t.Errorf("a template counts as plain: %q", text)
	}
}
