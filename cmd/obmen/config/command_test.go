package config

import (
	"os/exec"
	"strings"
	"testing"
)

// A command that stands in a message runs as it is: it names the configuration in use, and a shell takes
// its words as they were meant.
func TestCommand(t *testing.T) {
	for _, c := range []struct {
		path, want string
		args       []string
	}{
		{"", "obmen fetch --check", []string{"--check"}},
		{FileName, "obmen fetch --check", []string{"--check"}},
		{"work/obmen.toml", "obmen fetch --config work/obmen.toml --account eu", []string{"--account", "eu"}},
		{`C:\shop 1\obmen.toml`, `obmen fetch --config "C:\shop 1\obmen.toml" --account "Амазон Европа"`, []string{"--account", "Амазон Европа"}},
		{"", `obmen fetch --account "a\$b" ""`, []string{"--account", "a$b", ""}},
	} {
		if got := Command(c.path, "fetch", c.args...); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.path, c.args, got, c.want)
		}
	}
}

// A shell gives back the words, whatever is in them.
func TestCommandInAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here: " + err.Error())
	}
	words := []string{"plain", "two words", `quo"te`, "$HOME", "`id`", "a;b", "x|y", "(z)", "it's", "Ж/Ы", "a*", ""}
	text := strings.TrimPrefix(Command("", "fetch", words...), "obmen fetch ")
	out, err := exec.Command(sh, "-c", `for w in `+text+`; do printf '<%s>' "$w"; done`).CombinedOutput()
	if want := "<" + strings.Join(words, "><") + ">"; err != nil || string(out) != want {
		t.Errorf("%v: the shell takes\n%s\nas %s, want %s", err, text, out, want)
	}
}
