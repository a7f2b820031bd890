package converting

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/ui"
	"obmen/templates"
	"obmen/templates/epf"
	"obmen/watch/drop"
)

// The 1C side lies beside the layout that it reads first of all.
const (
	onecDir  = "salesorder/1c"
	onecName = "ObmenOrders"
)

// OneCCommand is obmen 1c, with the commands below it.
func OneCCommand(s ui.Streams) *cli.Command {
	var opt onecOptions
	return &cli.Command{
		Name:  "1c",
		Usage: "what runs inside 1C, and what it reads: the loader of orders, a preview of documents",
		Subcommands: []*cli.Command{{
			Name:      "export",
			Usage:     "write the loader as .epf, as Designer's XML files and as text, ready to connect",
			ArgsUsage: "DIR",
			Description: "Settings stand in the table at the top of the module; --folder, --for and --set put other values there.\n" +
				"README.md in DIR says, in Russian, how to connect it.",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "folder", Usage: "the `FOLDER` with outbox, ack and catalogs as the server of 1C sees it (\\\\server\\obmen)", Destination: &opt.Folder},
				&cli.StringFlag{Name: "for", Usage: "names of metadata of a `CONFIGURATION`: " + strings.Join(onecPresets(), ", ") + "; else Document SalesOrder of one's own", Destination: &opt.For},
				&cli.GenericFlag{Name: "set", Usage: "`NAME=VALUE`: any setting of the table, may be given again", Value: &opt.Set},
			},
			Action: func(c *cli.Context) error {
				if c.NArg() != 1 {
					return ui.Usage("obmen 1c export --folder '\\\\server\\obmen' for-1c", "name one folder to write to")
				}
				opt.Dir = c.Args().First()
				return runOnecExport(c.Context, opt, s)
			},
		}, onecPreviewCommand(s)},
		Action: func(c *cli.Context) error {
			return ui.Usage("obmen 1c export DIR", "say what to do for 1C")
		},
	}
}

type onecOptions struct {
	Dir, Folder, For string
	Set              pairs
}

// pairs are the values of a repeated flag, whole: a list flag would cut them at commas.
type pairs []string

func (p *pairs) Set(s string) error { *p = append(*p, s); return nil }
func (p *pairs) String() string     { return strings.Join(*p, " ") }

func runOnecExport(ctx context.Context, opt onecOptions, s ui.Streams) error {
	module, err := onecModule(opt)
	if err != nil {
		return err
	}
	files, err := onecPages()
	if err != nil {
		return err
	}
	p := epf.Processor{Name: onecName, Synonym: "Обмен заказами (obmen)", Module: module}
	files[onecName+".epf"] = p.File()
	files[onecName+".bsl"] = []byte("\ufeff" + strings.ReplaceAll(module, "\n", "\r\n"))
	for name, data := range p.Dump() {
		files["xml/"+name] = data
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := putNew(ctx, filepath.Join(opt.Dir, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
		fmt.Fprintln(s.Out, filepath.Join(opt.Dir, filepath.FromSlash(name)))
	}
	if note, hint := folderNote(epf.Settings(module)); note != "" {
		s.PrintProblem("note: "+note, hint)
	}
	s.PrintPhrase(s.Err, "next: register %s.epf in 1C under \"Дополнительные отчеты и обработки\"; README.md says how\n", onecName)
	return nil
}

// onecPages are the pages that lead through the connection, and what to try it with, by their paths.
func onecPages() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, pattern := range []string{"/*.md", "/try/*"} {
		names, err := fs.Glob(templates.FS, onecDir+pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if files[strings.TrimPrefix(name, onecDir+"/")], err = fs.ReadFile(templates.FS, name); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// driveFolder is a path with the letter of a drive, which a service may see otherwise or not at all.
var driveFolder = regexp.MustCompile(`^[A-Za-z]:`)

// folderNote says what is doubtful about where the loader looks for files: inside 1C nobody can change it
// without changing the module.
func folderNote(settings []epf.Setting) (note, hint string) {
	value := func(name string) string {
		i := slices.IndexFunc(settings, func(s epf.Setting) bool { return s.Name == name })
		return settings[i].Value
	}
	folder := value("КаталогОбмена")
	switch {
	case folder == "" && value("КаталогЗаказов") == "":
		return "the loader does not know yet where the files are", "export it into a new folder with --folder '\\\\server\\obmen': the shared folder as the server of 1C sees it"
	case driveFolder.MatchString(folder):
		return folder + " must be a disk of 1C's server itself: a service does not see the network drives of a user", "of a shared folder give the path with the server's name: --folder '\\\\server\\obmen'"
	}
	return "", ""
}

// onecModule is the text of the module with the user's settings. The more special one wins: a preset,
// the folder, single settings.
func onecModule(opt onecOptions) (string, error) {
	text, err := fs.ReadFile(templates.FS, onecDir+"/"+onecName+".bsl")
	if err != nil {
		return "", err
	}
	module := string(text)
	settings, err := presetOf(opt.For)
	if err != nil {
		return "", err
	}
	if opt.Folder != "" {
		settings = append(settings, "КаталогОбмена="+opt.Folder)
	}
	for _, pair := range append(settings, opt.Set...) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return "", ui.Usage("--set ДокументКомментарий=Комментарий", "--set %q has no =", pair)
		}
		if module, err = epf.Set(module, strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return "", badSetting(err, module)
		}
	}
	return module, nil
}

func badSetting(err error, module string) error {
	hint := "write it on one line"
	switch {
	case errors.Is(err, epf.ErrUnknown):
		var names []string
		for _, s := range epf.Settings(module) {
			names = append(names, s.Name)
		}
		hint = "the settings are: " + strings.Join(names, ", ")
	case errors.Is(err, epf.ErrFlag):
		hint = "write Истина or Ложь"
	}
	return ui.Usage(hint, "%v", err)
}

// onecPresets are the configurations whose names of metadata are known.
func onecPresets() []string {
	found, _ := fs.Glob(templates.FS, onecDir+"/*.txt") // the pattern is well formed
	for i, name := range found {
		found[i] = strings.TrimSuffix(path.Base(name), ".txt")
	}
	return found
}

// presetOf are the settings for a configuration, NAME=VALUE.
func presetOf(name string) ([]string, error) {
	if name == "" {
		return nil, nil
	}
	if !slices.Contains(onecPresets(), name) {
		return nil, ui.Usage("choose one of "+strings.Join(onecPresets(), ", ")+", or leave --for out and use --set", "no configuration %q", name)
	}
	text, err := fs.ReadFile(templates.FS, onecDir+"/"+name+".txt")
	if err != nil {
		return nil, err
	}
	var pairs []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			pairs = append(pairs, line)
		}
	}
	return pairs, nil
}

// putNew writes a file that is not there yet. One that is there with the same bytes is as good; another
// may have been changed by its user, and stays.
func putNew(ctx context.Context, name string, data []byte) error {
	if err := drop.MakeDirs(drop.OS{}, filepath.Dir(name), 0o777); err != nil {
		return ui.WithHint(err, "choose a folder that you may write to")
	}
	_, err := drop.Folder{Dir: filepath.Dir(name)}.Put(ctx, filepath.Base(name), bytes.NewReader(data))
	os.Remove(filepath.Join(filepath.Dir(name), drop.TempDir)) // only when it is empty
	if taken, ok := errors.AsType[*drop.ExistsError](err); ok {
		if taken.Same {
			return nil
		}
		return ui.WithHint(err, "name another folder, or move the old file away: it may have changes of yours")
	}
	return err
}
