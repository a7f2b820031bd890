package config

import (
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"obmen/watch/desk/words"
)

// languageVariable is the environment's choice of a language; it counts before the one of obmen.toml.
const languageVariable = "OBMEN_LANG"

// SystemLanguage returns the language that the environment asks for, else that of the system's locale.
func SystemLanguage() string {
	if lang := spoken(os.Getenv(languageVariable)); lang != "" {
		return lang
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			return spoken(value)
		}
	}
	return spoken(systemLocale())
}

// Language returns the language that the settings of a file name ("" for obmen.toml in this folder); empty when
// they name none or the environment names one. Mistakes in the file are for Load to tell.
func Language(path string) string {
	if spoken(os.Getenv(languageVariable)) != "" {
		return ""
	}
	if path == "" {
		path = FileName
	}
	text, err := ReadText(path)
	if err != nil {
		return ""
	}
	var f struct {
		Language string `toml:"language"`
	}
	_ = toml.Unmarshal(text, &f) // what was read before a mistake counts
	return spoken(f.Language)
}

// spoken is the language of a locale such as ru_RU.UTF-8; empty when obmen does not speak it.
func spoken(locale string) string {
	lang, _, _ := strings.Cut(strings.ToLower(locale), ".")
	lang, _, _ = strings.Cut(strings.ReplaceAll(lang, "-", "_"), "_")
	if slices.Contains(words.Languages(), lang) {
		return lang
	}
	return ""
}
