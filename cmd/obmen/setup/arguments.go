package setup

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/ui"
	"obmen/convert/source"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/inbox"
	"obmen/watch/store"
)

// ConfigFlag is the option that names the settings.
func ConfigFlag() cli.Flag {
	return &cli.PathFlag{Name: "config", EnvVars: []string{config.PathVariable}, Usage: "configuration `FILE` (default: obmen.toml here, if there is one)"}
}

// JSONFlag is the option for programs that read the result.
func JSONFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as one JSON object on stdout"}
}

// NoArguments refuses what stands behind a command that takes options only: it would be ignored, and the
// command would answer for something else.
func NoArguments(c *cli.Context, hint string) error {
	if c.NArg() == 0 {
		return nil
	}
	name := strings.TrimPrefix(c.Command.HelpName, "obmen ")
	if LooksLikeSettings(c.Args().First()) {
		hint = config.Command(c.Args().First(), name)
	}
	return ui.Misuse(words.New("usage.no-files", "Command", name, "Given", c.Args().First()), words.Plain(hint))
}

// LooksLikeSettings reports whether an argument is a file of settings that belongs behind --config.
func LooksLikeSettings(arg string) bool { return strings.EqualFold(filepath.Ext(arg), ".toml") }

// charsetSuffix names the side file that tells a report's charset.
const charsetSuffix = store.CharsetSuffix

// junk are files that systems and programs leave in folders; they are counted, not read.
var junk = map[string]bool{"thumbs.db": true, "desktop.ini": true, "held.csv": true}

// FindInputs lists the files to read: files as given, folders with all that is in them, in the order of
// their names. What is left out is named; so are the run's own folders and files, should they lie there.
func FindInputs(args []string, charset string, not ...string) (list []source.Input, left []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, nil, ui.WithHint(err, "check the path; put it in quotes if it has blanks")
		}
		if !info.IsDir() {
			if !sideFile(arg) {
				list = append(list, NewInput(arg, charset))
			}
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != arg && (strings.HasPrefix(d.Name(), ".") || isOwn(path, not)):
				left = append(left, path)
				return filepath.SkipDir
			case d.IsDir() || sideFile(path):
				return nil
			case leftOut(d) || isOwn(path, not):
				left = append(left, path)
				return nil
			}
			list = append(list, NewInput(path, charset))
			return nil
		})
		if err != nil {
			return nil, nil, ui.WithHint(err, "check the folder's rights")
		}
	}
	return list, left, nil
}

func leftOut(d fs.DirEntry) bool {
	name := strings.ToLower(d.Name())
	return !d.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || junk[name] || inbox.IsBackup(name)
}

// sideFile reports whether a file only states the charset of the one beside it.
func sideFile(path string) bool {
	report, ok := strings.CutSuffix(path, charsetSuffix)
	if !ok {
		return false
	}
	_, err := os.Stat(report)
	return err == nil
}

// isOwn reports whether a path is one of the run's own.
func isOwn(path string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		a, err1 := filepath.Abs(path)
		b, err2 := filepath.Abs(p)
		return p != "" && err1 == nil && err2 == nil && a == b
	})
}

// mostCharset is far more than the name of a charset has, in bytes.
const mostCharset = 4096

// NewInput describes one file. Its charset is the given one, else that of its side file, if it has one.
func NewInput(path, charset string) source.Input {
	var unread error
	if charset == "" {
		text, err := drop.ReadSmall(path+charsetSuffix, mostCharset)
		if !errors.Is(err, fs.ErrNotExist) {
			unread = err
		}
		charset = strings.TrimSpace(string(text))
	}
	return source.Input{
		Name:    path,
		Charset: charset,
		Open: func() (io.ReadCloser, error) {
			if unread != nil { // the wrong letters would be worse than a refusal
				return nil, unread
			}
			return drop.OpenRegular(path)
		},
	}
}
