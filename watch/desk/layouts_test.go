package desk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obmen/templates"
	"obmen/watch"
)

// While a watcher runs, saving a template counts at once, a mistake in it is told once and changes
// nothing, and a folder that goes away does not bring the built-in template back behind its owner.
func TestLayoutsFollowTheirFolder(t *testing.T) {
	dir := t.TempDir()
	own, kept := filepath.Join(dir, "templates"), filepath.Join(dir, "state", "templates")
	save := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(own, "salesorder"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, "salesorder", "document.xml"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var events []watch.Event
	from, names := Templates{Own: own, BuiltIn: templates.FS}, []string{"salesorder", "sheet", "salesorder"}
	save("<a/>")
	open := func() *Layouts {
		t.Helper()
		l, err := OpenLayouts(t.Context(), from, names, 0, kept, func(e watch.Event) { events = append(events, e) })
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := open()
	said := func() string {
		var words []string
		for _, e := range events {
			words = append(words, string(e.Kind)+" "+e.File+": "+e.Text)
		}
		events = nil
		return strings.Join(words, "\n")
	}
	hash := func() string {
		t.Helper()
		list := l.Current()
		if len(list) != 2 || list[0].Name() != "salesorder" || list[1].Name() != "sheet" {
			t.Fatalf("%d layouts", len(list))
		}
		return list[0].Hash()
	}
	first := hash()
	if words := said(); words != "" {
		t.Errorf("without a change: %s", words)
	}
	save("<a>two</a>")
	second := hash()
	if words := said(); second == first || !strings.Contains(words, "renewed layout salesorder: it has changed") {
		t.Errorf("a saved template: %s", words)
	}
	save("<a>\n{{.Nothing}}</a>")
	if words := func() string { hash(); hash(); return said() }(); hash() != second ||
		strings.Count(words, filepath.Join(own, "salesorder", "document.xml:2")+": Batch has no field") != 1 || !strings.Contains(words, "stays in force") {
		t.Errorf("a broken template: %s", words)
	}
	if l = open(); hash() != second {
		t.Error("a start with a broken template takes another one than the last good")
	}
	said()
	if err := os.RemoveAll(own); err != nil {
		t.Fatal(err)
	}
	if words := func() string { hash(); return said() }(); hash() != second || !strings.Contains(words, errGone.Error()) {
		t.Errorf("a folder that is gone: %s", words)
	}
	save("<a/>")
	if hash() != first {
		t.Error("the first template is back, and not in force")
	}
	if l = open(); hash() != first {
		t.Error("a start takes another template")
	}
}
