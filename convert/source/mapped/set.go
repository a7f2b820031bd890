package mapped

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"obmen/convert/source"
)

//go:embed shipped
var shippedFiles embed.FS

// Shipped are the built-in mappings and their examples.
func Shipped() fs.FS {
	sub, err := fs.Sub(shippedFiles, "shipped")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

var builtIn = sync.OnceValue(func() []*Mapping {
	list, err := Load(Shipped(), "")
	if err != nil {
		panic(err) // the tests load them, too
	}
	return list
})

// Load compiles the mappings of a folder, by name. dir is how messages name the folder. The error is of type
// Mistakes and names those of all files.
func Load(fsys fs.FS, dir string) (list []*Mapping, err error) {
	files, err := fs.Glob(fsys, "*.toml")
	if err != nil {
		return nil, err
	}
	var mistakes Mistakes
	for _, file := range files {
		name := file
		if dir != "" {
			name = dir + "/" + file
		}
		m, err := loadOne(fsys, file, name)
		var wrong Mistakes
		switch {
		case errors.As(err, &wrong):
			mistakes = append(mistakes, wrong...)
			continue
		case err != nil:
			return nil, err
		}
		if i := slices.IndexFunc(list, func(o *Mapping) bool { return o.Name == m.Name }); i >= 0 {
			mistakes = append(mistakes, Mistake{m.File, 1, 1, fmt.Sprintf("the name %q is that of %s, too", m.Name, list[i].File), "give each mapping a name of its own"})
		}
		list = append(list, m)
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	slices.SortFunc(list, func(a, b *Mapping) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func loadOne(fsys fs.FS, file, name string) (*Mapping, error) {
	info, err := fs.Stat(fsys, file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a FIFO would be waited for, a device read without end
		return nil, Mistakes{{name, 0, 0, "not a file: a folder, a pipe or a device", "put the mapping itself there"}}
	}
	if info.Size() > MaxSize {
		return nil, Mistakes{{name, 0, 0, fmt.Sprintf("a mapping of more than %d KiB", MaxSize>>10), "describe one source in one file"}}
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

// Set is the mappings in force: the user's own win over the built-in ones.
type Set struct{ list []*Mapping }

var _ source.Recognizer = (*Set)(nil)

// NewSet makes a set of the user's mappings and of the built-in ones whose names they do not have.
func NewSet(own ...*Mapping) *Set {
	s := &Set{}
	for _, m := range own {
		mine := *m
		mine.Own = true
		s.list = append(s.list, &mine)
	}
	for _, m := range builtIn() {
		if !slices.ContainsFunc(own, func(o *Mapping) bool { return o.Name == m.Name }) {
			s.list = append(s.list, m)
		}
	}
	slices.SortFunc(s.list, func(a, b *Mapping) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// Only makes a set of one mapping.
func Only(m *Mapping) *Set { return &Set{list: []*Mapping{m}} }

// Mappings lists the set by name.
func (s *Set) Mappings() []*Mapping { return slices.Clone(s.list) }

// Find is the mapping of that name.
func (s *Set) Find(name string) (*Mapping, bool) {
	i := slices.IndexFunc(s.list, func(m *Mapping) bool { return m.Name == name })
	if i < 0 {
		return nil, false
	}
	return s.list[i], true
}

// Formats are the mappings as source formats.
func (s *Set) Formats() (list []source.Format) {
	for _, m := range s.list {
		list = append(list, Format{m})
	}
	return list
}

// Claims are the mappings that a file belongs to by its beginning. Where one of the user's own claims it, the
// built-in ones do not.
func (s *Set) Claims(text []byte) (claims []source.Claim) {
	h := newHead(text)
	own := false
	for _, m := range s.list {
		if !m.claims(h) {
			continue
		}
		if m.Own && !own {
			own, claims = true, nil
		}
		if m.Own == own {
			claims = append(claims, source.Claim{Format: Format{m}, InsteadOf: m.detect.insteadOf})
		}
	}
	return claims
}
