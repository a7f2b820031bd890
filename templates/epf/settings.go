package epf

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Setting is a line of the table of settings at the top of a module:
//
//	Н.Вставить("Имя", "значение");  // or Истина, Ложь
type Setting struct {
	Name  string
	Value string // without quotes
	Flag  bool   // Истина or Ложь
}

var settingLine = regexp.MustCompile(`(?m)^(\tН\.Вставить\("([^"]+)", )("(?:[^"\n]|"")*"|Истина|Ложь)(\);)`)

// Settings are the module's settings, in their order.
func Settings(module string) []Setting {
	var list []Setting
	for _, m := range settingLine.FindAllStringSubmatch(module, -1) {
		s := Setting{Name: m[2], Value: m[3], Flag: !strings.HasPrefix(m[3], `"`)}
		if !s.Flag {
			s.Value = strings.ReplaceAll(m[3][1:len(m[3])-1], `""`, `"`)
		}
		list = append(list, s)
	}
	return list
}

// Errors of Set.
var (
	ErrUnknown = errors.New("no such setting")
	ErrFlag    = errors.New("neither Истина nor Ложь")
	ErrLine    = errors.New("more than one line")
)

// Set gives a setting another value in the module's text; everything else stays as it is.
func Set(module, name, value string) (string, error) {
	found := false
	var wrong error
	out := settingLine.ReplaceAllStringFunc(module, func(line string) string {
		m := settingLine.FindStringSubmatch(line)
		if m[2] != name {
			return line
		}
		found = true
		literal, err := literalOf(value, !strings.HasPrefix(m[3], `"`))
		if err != nil {
			wrong = fmt.Errorf("%s = %q: %w", name, value, err)
			return line
		}
		return m[1] + literal + m[4]
	})
	if !found {
		return module, fmt.Errorf("%s: %w", name, ErrUnknown)
	}
	return out, wrong
}

// literalOf writes a value in 1C's language.
func literalOf(value string, flag bool) (string, error) {
	if strings.ContainsAny(value, "\r\n") {
		return "", ErrLine
	}
	if !flag {
		return quoted(value), nil
	}
	switch strings.ToLower(value) {
	case "истина", "да", "true", "yes":
		return "Истина", nil
	case "ложь", "нет", "false", "no":
		return "Ложь", nil
	}
	return "", ErrFlag
}
