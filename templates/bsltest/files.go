package bsltest

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func files() Host {
	return Host{
		Names: map[string]any{
			"кодировкатекста": constants("UTF8"),
			"хешфункция":      constants("SHA256"),
		},
		Funcs: map[string]Func{
			"найтифайлы":      findFiles,
			"создатькаталог":  onPaths(1, func(s []string) error { return os.MkdirAll(s[0], 0o777) }),
			"удалитьфайлы":    onPaths(1, func(s []string) error { return os.RemoveAll(s[0]) }),
			"переместитьфайл": onPaths(2, func(s []string) error { return os.Rename(s[0], s[1]) }),
		},
		Types: map[string]Func{
			"файл":              func(args []any) (any, error) { return fileOf(args) },
			"чтениетекста":      newTextReader,
			"записьтекста":      newTextWriter,
			"хешированиеданных": func([]any) (any, error) { return &hashing{}, nil },
		},
	}
}

// onPaths makes a function of one that does something to files; its errors are exceptions.
func onPaths(n int, f func([]string) error) Func {
	return func(args []any) (any, error) {
		s, err := texts(args, n)
		if err != nil {
			return nil, err
		}
		if err := f(s); err != nil {
			return nil, Raise("%v", err)
		}
		return nil, nil
	}
}

// file is Файл: a name on the disk.
type file string

func fileOf(args []any) (any, error) {
	s, err := texts(args, 1)
	if err != nil {
		return nil, err
	}
	return file(s[0]), nil
}

func (f file) Put(string, any) bool { return false }

func (f file) Get(name string) (any, bool) {
	switch name {
	case "имя":
		return filepath.Base(string(f)), true
	case "полноеимя":
		return string(f), true
	}
	return nil, false
}

func (f file) Method(name string) Func {
	stat := func(then func(os.FileInfo) any) Func {
		return func([]any) (any, error) {
			info, err := os.Stat(string(f))
			if err != nil {
				return nil, Raise("%v", err)
			}
			return then(info), nil
		}
	}
	switch name {
	case "существует":
		return func([]any) (any, error) { _, err := os.Stat(string(f)); return err == nil, nil }
	case "этофайл":
		return stat(func(i os.FileInfo) any { return i.Mode().IsRegular() })
	case "размер":
		return stat(func(i os.FileInfo) any { return Number(i.Size()) })
	case "получитьвремяизменения":
		return stat(func(i os.FileInfo) any { return i.ModTime().Truncate(time.Second) })
	}
	return nil
}

// findFiles finds names in a folder by a mask, in an order that nobody should rely on: the last first.
func findFiles(args []any) (any, error) {
	s, err := texts(args[:min(2, len(args))], 2)
	if err != nil {
		return nil, err
	}
	found, err := filepath.Glob(filepath.Join(s[0], s[1]))
	if err != nil {
		return nil, Raise("%v", err)
	}
	out := &Array{}
	for i := len(found) - 1; i >= 0; i-- {
		out.items = append(out.items, file(found[i]))
	}
	return out, nil
}

// plain is an object without properties.
type plain struct{}

func (plain) Get(string) (any, bool) { return nil, false }
func (plain) Put(string, any) bool   { return false }

type textReader struct {
	plain
	text string
}

func newTextReader(args []any) (any, error) {
	name, ok := arg(args, 0).(string)
	if !ok || arg(args, 1) != constant("UTF8") {
		return nil, &Fault{0, "ЧтениеТекста takes a name and КодировкаТекста.UTF8"}
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, Raise("%v", err)
	}
	return &textReader{text: strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n")}, nil
}

func (r *textReader) Method(name string) Func {
	switch name {
	case "прочитать":
		return func([]any) (any, error) {
			if r.text == "" {
				return nil, nil
			}
			return r.text, nil
		}
	case "закрыть":
		return func([]any) (any, error) { return nil, nil }
	}
	return nil
}

type textWriter struct {
	plain
	name string
	b    strings.Builder
}

func newTextWriter(args []any) (any, error) {
	name, ok := arg(args, 0).(string)
	if !ok || arg(args, 1) != constant("UTF8") {
		return nil, &Fault{0, "ЗаписьТекста takes a name and КодировкаТекста.UTF8"}
	}
	w := &textWriter{name: name}
	w.b.WriteString("\ufeff")
	if err := os.WriteFile(name, nil, 0o666); err != nil {
		return nil, Raise("%v", err)
	}
	return w, nil
}

func (w *textWriter) Method(name string) Func {
	add := func(tail string) Func {
		return ofTexts(1, func(s []string) any { w.b.WriteString(s[0] + tail); return nil })
	}
	switch name {
	case "записать":
		return add("")
	case "записатьстроку":
		return add("\r\n")
	case "закрыть":
		return func([]any) (any, error) {
			if err := os.WriteFile(w.name, []byte(w.b.String()), 0o666); err != nil {
				return nil, Raise("%v", err)
			}
			return nil, nil
		}
	}
	return nil
}

// binary is ДвоичныеДанные.
type binary string

// hashing is ХешированиеДанных with SHA-256; a text is hashed as UTF-8.
type hashing struct{ data []byte }

func (h *hashing) Put(string, any) bool { return false }

func (h *hashing) Get(name string) (any, bool) {
	sum := sha256.Sum256(h.data)
	return binary(sum[:]), name == "хешсумма"
}

func (h *hashing) Method(name string) Func {
	if name != "добавить" {
		return nil
	}
	return ofTexts(1, func(s []string) any { h.data = append(h.data, s[0]...); return nil })
}
