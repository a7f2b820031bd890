package desk

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"obmen/convert/source/mapped"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
)

// SourceFile is one of the mappings of one's own.
type SourceFile struct {
	Name, Title string // without the ending of its file; the title is empty where the file has mistakes
	Kind        mapped.Kind
	Changed     Moment
	Mistakes    []mapped.Mistake // while there are any, the mappings before it stay in force
}

// sourceExt ends the name of a mapping.
const sourceExt = ".toml"

// sourceName is the form of the name of a mapping that can be looked at and written here.
var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// SourceFiles lists the mappings of one's own.
func (d *Desk) SourceFiles() ([]SourceFile, error) {
	list := []SourceFile{}
	entries, err := os.ReadDir(d.Sources)
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil
	}
	if err != nil {
		return list, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), sourceExt)
		if !ok || !e.Type().IsRegular() {
			continue
		}
		f := SourceFile{Name: name}
		if info, err := e.Info(); err == nil {
			f.Changed = Moment{info.ModTime()}
		}
		text, err := drop.ReadFile(drop.OS{}, filepath.Join(d.Sources, e.Name()), mapped.MaxSize)
		if err != nil {
			f.Mistakes = []mapped.Mistake{{File: e.Name(), Text: err.Error()}}
		} else {
			var m *mapped.Mapping
			if m, f.Mistakes = CheckSource(e.Name(), string(text)); m != nil {
				f.Title, f.Kind = m.Title, m.Kind
			}
		}
		list = append(list, f)
	}
	return list, nil
}

// CheckSource compiles a mapping, or returns what is wrong with it; what still waits for a person is wrong, too.
func CheckSource(file, text string) (*mapped.Mapping, []mapped.Mistake) {
	if open := mapped.Unfilled(file, []byte(text)); len(open) > 0 {
		return nil, open
	}
	m, err := mapped.Parse(file, []byte(text))
	if mistakes, ok := errors.AsType[mapped.Mistakes](err); ok {
		return nil, mistakes
	}
	if err != nil {
		return nil, []mapped.Mistake{{File: file, Text: err.Error()}}
	}
	return m, nil
}

// ReadSource returns the text of a mapping of one's own, and its hash for SaveSource.
func (d *Desk) ReadSource(name string) (text, hash string, err error) {
	if !sourceName.MatchString(name) {
		return "", "", words.Refuse(words.New("sources.gone"), words.New("cure.look-again"))
	}
	data, err := drop.ReadFile(drop.OS{}, filepath.Join(d.Sources, name+sourceExt), mapped.MaxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", words.Refuse(words.New("sources.gone"), words.New("cure.look-again"))
	}
	return string(data), hashOf(data), err
}

// SaveSource writes a mapping into the folder of one's own, under the name that it has. One of that name is replaced
// when it is the one that was shown (hash); without a hash there must be none. One with mistakes is refused.
func (d *Desk) SaveSource(ctx context.Context, text, hash string) (name string, err error) {
	m, mistakes := CheckSource("", text)
	if len(mistakes) > 0 {
		return "", words.Refuse(words.New("sources.mistakes"), words.New("sources.mend"))
	}
	if !sourceName.MatchString(m.Name) {
		return "", words.Refuse(words.New("sources.name", "Name", m.Name), words.New("sources.mend"))
	}
	if err := d.begin(ctx, roles.Work, "source", m.Name); err != nil {
		return "", err
	}
	if err := drop.MakeDirs(drop.OS{}, d.Sources, 0o777); err != nil {
		return "", err
	}
	lock, err := lockFolder(ctx, d.Sources)
	if err != nil {
		return "", err
	}
	defer lock.Release()
	path, now := filepath.Join(d.Sources, m.Name+sourceExt), ""
	if data, err := drop.ReadFile(drop.OS{}, path, mapped.MaxSize); err == nil {
		now = hashOf(data)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if now != hash {
		return "", words.Refuse(words.New("sources.taken", "File", m.Name+sourceExt), words.New("sources.other-name"))
	}
	return m.Name, drop.ReplaceFile(drop.OS{}, path, catalogMode, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
