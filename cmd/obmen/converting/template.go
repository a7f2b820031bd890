package converting

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/layout"
	"obmen/templates"
	"obmen/templates/sample"
	"obmen/watch/drop"
)

// TemplateCommand is obmen template, with the commands below it.
func TemplateCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "template",
		Usage: "list, show, copy, check and preview the templates of the exchange files",
		Subcommands: []*cli.Command{
			templateList(s), templateShow(s), templateCopy(s), templateCheck(s), templatePreview(s),
		},
		Action: func(c *cli.Context) error {
			return ui.Usage("obmen template list, show NAME, copy NAME DIR, check DIR or preview DIR FILE", "say what to do with the templates")
		},
	}
}

// templateBelow is a command below template that takes count arguments.
func templateBelow(name, args, use, description string, count int, flags []cli.Flag, action cli.ActionFunc) *cli.Command {
	return checkArguments("template", count, &cli.Command{
		Name: name, Usage: use, ArgsUsage: args, Description: description, Flags: append(flags, setup.ConfigFlag()), Action: action,
	})
}

func templateList(s ui.Streams) *cli.Command {
	return templateBelow("list", "", "list the layouts there are", "", 0, []cli.Flag{setup.JSONFlag()}, func(c *cli.Context) error {
		cfg, err := config.Load(c.Path("config"))
		if err != nil {
			return err
		}
		if err := setup.CheckTemplatesFolder(cfg); err != nil {
			s.PrintPhrase(s.Err, "note: %v\n", err)
		}
		if c.Bool("json") {
			list := []jsonTemplate{}
			for _, t := range allTemplates(cfg) {
				list = append(list, jsonTemplate{t.name, t.origin(), t.files(), t.title()})
			}
			return ui.PrintJSON(s.Out, list)
		}
		w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
		for _, t := range allTemplates(cfg) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.name, t.origin(), strings.Join(t.files(), ", "), t.title())
		}
		return w.Flush()
	})
}

// jsonTemplate is a layout as template list --json prints it.
type jsonTemplate struct {
	Name   string   `json:"name"`
	Origin string   `json:"origin"`
	Files  []string `json:"files"`
	Title  string   `json:"title"`
}

func templateShow(s ui.Streams) *cli.Command {
	const description = "An XML template is printed as it is; of a workbook, the cells of its header row and of its row of\nplaceholders."
	return templateBelow("show", "NAME", "print a template", description, 1, nil, func(c *cli.Context) error {
		_, t, err := loadTemplate(c)
		if err != nil {
			return err
		}
		return t.show(s)
	})
}

// template is a layout's folder.
type template struct {
	name string
	fsys fs.FS  // that has the folder
	own  string // path of the folder of one's own templates; empty for a built-in one
}

// TemplateNames are the names of the layouts there are, one's own and the built-in.
func TemplateNames(cfg *config.Config) (names []string) {
	for _, t := range allTemplates(cfg) {
		names = append(names, t.name)
	}
	return names
}

// allTemplates lists the layouts by name; one's own hides the built-in of its name.
func allTemplates(cfg *config.Config) (list []template) {
	if own := cfg.Folders.Templates; own != "" {
		list = templatesIn(os.DirFS(own), own)
	}
	for _, t := range templatesIn(templates.FS, "") {
		if !slices.ContainsFunc(list, func(o template) bool { return o.name == t.name }) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b template) int { return strings.Compare(a.name, b.name) })
	return list
}

// templatesIn lists the folders that hold a template.
func templatesIn(fsys fs.FS, own string) (list []template) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if t := (template{e.Name(), fsys, own}); e.IsDir() && len(t.files()) > 0 {
			list = append(list, t)
		}
	}
	return list
}

// loadTemplate reads the settings and finds the layout that the first argument names.
func loadTemplate(c *cli.Context) (*config.Config, template, error) {
	cfg, err := config.Load(c.Path("config"))
	if err != nil {
		return nil, template{}, err
	}
	t, err := findTemplate(cfg, c.Args().First())
	return cfg, t, err
}

func findTemplate(cfg *config.Config, name string) (template, error) {
	all := allTemplates(cfg)
	var names []string
	for _, t := range all {
		if t.name == name {
			return t, nil
		}
		names = append(names, t.name)
	}
	return template{}, ui.Usage("layouts: "+strings.Join(names, ", "), "there is no layout %q", name)
}

// files lists what the engine reads: document.xml and workbooks.
func (t *template) files() (list []string) {
	for _, pattern := range []string{"document.xml", "sheet*.xlsx"} {
		found, _ := fs.Glob(t.fsys, path.Join(t.name, pattern)) // the pattern is right
		for _, f := range found {
			list = append(list, path.Base(f))
		}
	}
	return list
}

func (t *template) origin() string { return cmp.Or(t.own, "built-in") }

// title is the first heading of the layout's README.
func (t *template) title() string {
	text, err := layout.ReadTemplate(t.fsys, path.Join(t.name, "README.md"))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	_, title, ok := strings.Cut(line, ": ")
	if !ok {
		title = strings.TrimLeft(line, "# ")
	}
	return strings.TrimSpace(title)
}

func (t *template) show(s ui.Streams) error {
	for _, file := range t.files() {
		data, err := layout.ReadTemplate(t.fsys, path.Join(t.name, file))
		if err != nil {
			return ui.WithHint(fmt.Errorf("%s: %w", path.Join(t.name, file), err), "put the file itself there")
		}
		if path.Ext(file) == ".xml" {
			if _, err := s.Out.Write(data); err != nil {
				return err
			}
			continue
		}
		if err := showWorkbook(s.Out, path.Join(t.name, file), data); err != nil {
			return err
		}
	}
	return nil
}

func templateCopy(s ui.Streams) *cli.Command {
	const description = "DIR is the folder of your own templates: the layout gets a folder in it. What is there already is never\noverwritten. --as gives the copy a name of its own, so that both layouts can be used.\n\n" +
		"The layout native must have the elements of your own configuration, in its order. --sample makes its template\nof an order that 1C exported, or of the schema that ФабрикаXDTO.ЭкспортСхемыXML wrote."
	flags := []cli.Flag{
		&cli.StringFlag{Name: "as", Usage: "`NAME` of the copy"},
		&cli.PathFlag{Name: "sample", Usage: "for native: `FILE` with an order or the schema of your own base"},
		&cli.StringFlag{Name: "document", Usage: "for native: the document `NAME` of the sample is the order"},
	}
	return templateBelow("copy", "NAME DIR", "copy a layout, to change it", description, 2, flags, func(c *cli.Context) error {
		cfg, t, err := loadTemplate(c)
		if err != nil {
			return err
		}
		made, err := fromSample(&t, c.Path("sample"), c.String("document"))
		if err != nil {
			return err
		}
		return t.copyTo(c.Args().Get(1), cmp.Or(c.String("as"), t.name), made, cfg, s)
	})
}

// nativeLayout is the layout whose template follows a base's own configuration.
const nativeLayout = "native"

// mostSample is more than an order or a schema of one configuration has, in bytes.
const mostSample = 64 << 20

// fromSample makes the template that a copy shall have instead of its own; nil without a sample.
func fromSample(t *template, path, document string) (*sample.Template, error) {
	if path == "" && document == "" {
		return nil, nil
	}
	if t.name != nativeLayout || path == "" {
		return nil, ui.Usage("obmen template copy --sample FILE native DIR", "a sample is for the layout %s", nativeLayout)
	}
	data, err := drop.ReadSmall(path, mostSample)
	if err != nil {
		return nil, ui.WithHint(err, "check the path; put it in quotes if it has blanks")
	}
	made, err := sample.Native(data, document)
	if refused, ok := errors.AsType[*sample.Error](err); ok {
		return nil, ui.WithHint(fmt.Errorf("%s: %w", path, err), refused.Hint())
	}
	return made, err
}

// copyTo copies the whole folder, with all that lies below it. A template that was made of a sample takes
// the place of the folder's own, and its schemas, which are those of another configuration, stay behind.
func (t *template) copyTo(dir, name string, made *sample.Template, cfg *config.Config, s ui.Streams) error {
	if !fs.ValidPath(name) || strings.Contains(name, "/") || strings.HasPrefix(name, ".") {
		return ui.Usage("write a simple name: --as my-layout", "%q cannot be the name of a layout", name)
	}
	target := filepath.Join(dir, name)
	if _, err := os.Lstat(target); err == nil {
		return ui.WithHint(fmt.Errorf("%s is there already", target), "choose another folder, or another name with --as; nothing is overwritten")
	}
	if err := drop.MakeDirs(drop.OS{}, dir, 0o777); err != nil {
		return ui.WithHint(err, "choose a folder that you may write to")
	}
	sub, err := fs.Sub(t.fsys, t.name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(target, sub); err != nil {
		return ui.WithHint(err, "choose a folder that you may write to")
	}
	if made != nil {
		if err := replaceBySample(target, made, s); err != nil {
			return err
		}
	}
	s.PrintPhrase(s.Err, "%s → %s\n", t.name, target)
	if !sameFolder(dir, cfg.Folders.Templates) {
		s.PrintPhrase(s.Err, "  hint: for obmen to use it, obmen.toml must say: [folders] templates = %q\n", seenFrom(cfg.Path, dir))
	}
	if name != t.name {
		s.PrintPhrase(s.Err, "  hint: and name it: [layouts] use = [%q]\n", name)
	}
	return nil
}

func replaceBySample(target string, made *sample.Template, s ui.Streams) error {
	schemas, err := fs.Glob(os.DirFS(target), "*.xsd")
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		if err := os.Remove(filepath.Join(target, schema)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(target, "document.xml"), made.XML, 0o666); err != nil {
		return err
	}
	for _, note := range made.Notes {
		s.PrintPhrase(s.Err, "note: %s\n", note)
	}
	return nil
}

// seenFrom is a folder as obmen.toml spells it: relative to itself.
func seenFrom(config, dir string) string {
	if rel, err := filepath.Rel(filepath.Dir(config), dir); err == nil {
		dir = rel
	}
	return filepath.ToSlash(dir)
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

var errNoTemplates = errors.New("no templates")

// templatesOf are those of a folder: a layout's own, or a folder of layouts.
func templatesOf(dir string) ([]template, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, ui.Usage("name the folder of a layout, or that of your templates", "there is no folder %s", dir)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	parent := filepath.Dir(abs)
	if t := (template{filepath.Base(abs), os.DirFS(parent), filepath.Dir(filepath.Clean(dir))}); len(t.files()) > 0 {
		return []template{t}, nil
	}
	list := templatesIn(os.DirFS(dir), dir)
	if len(list) == 0 {
		return nil, ui.WithHint(fmt.Errorf("%w in %s", errNoTemplates, dir), "a layout is a folder with document.xml or sheet.xlsx; `obmen template copy` makes one")
	}
	return list, nil
}
