package config

import "strings"

// Command is a command of obmen as a user types it: with the configuration that is in use, and with
// quotes where a shell needs them. Options of its own stand first in args, before files and names.
func (c *Config) Command(name string, args ...string) string { return Command(c.Path, name, args...) }

// Command is Config.Command for a configuration that may not have been read; path "" is obmen.toml in the
// current folder, which needs no naming.
func Command(path, name string, args ...string) string {
	words := []string{"obmen", name}
	if path != "" && path != FileName {
		words = append(words, "--config", quoteAll(path))
	}
	for _, arg := range args {
		words = append(words, quoteAll(arg))
	}
	return strings.Join(words, " ")
}

// quoteAll puts double quotes around a word that a shell would take apart. They mean the same to the shells
// of Unix and Windows.
func quoteAll(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 127 || strings.ContainsRune("-_./:,@=+%…", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "$", `\$`, "`", "\\`").Replace(word) + `"`
}
