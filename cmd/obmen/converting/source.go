package converting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/examples"
	"obmen/convert/source/mapped"
	"obmen/watch/drop"
)

// SourceCommand is obmen source, with the commands below it.
func SourceCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:  "source",
		Usage: "shops and marketplaces that a mapping describes: list, show, check, try, guess and copy",
		Subcommands: []*cli.Command{
			sourceBelow("list", "", "list the mapped sources there are", 0, func(c *cli.Context) error { return runSourceList(sourceOptionsOf(c), s) }),
			sourceBelow("show", "NAME", "print a mapping", 1, func(c *cli.Context) error { return runSourceShow(sourceOptionsOf(c), s) }),
			sourceBelow("check", "FILE…", "check mappings and their examples; without a FILE, your own", -1, func(c *cli.Context) error {
				return runSourceCheck(c.Context, sourceOptionsOf(c), s)
			}),
			sourceBelow("try", "MAPPING FILE", "read FILE by a mapping and show where each value of its first order comes from", 2, func(c *cli.Context) error {
				return runSourceTry(c.Context, sourceOptionsOf(c), s)
			}),
			sourceBelow("guess", "FILE", "propose a mapping for the orders in FILE", 1, func(c *cli.Context) error { return runSourceGuess(sourceOptionsOf(c), s) }),
			sourceBelow("copy", "NAME", "copy a mapping into the folder of your own, to change it", 1, func(c *cli.Context) error {
				return runSourceCopy(sourceOptionsOf(c), s)
			}),
		},
		Action: func(c *cli.Context) error {
			return ui.Usage("obmen source list, show NAME, check FILE…, try MAPPING FILE, guess FILE or copy NAME", "say what to do with the sources")
		},
	}
}

// sourceBelow is a command below source that takes count arguments; -1 for any number.
func sourceBelow(name, args, use string, count int, action cli.ActionFunc) *cli.Command {
	return checkArguments("source", count, &cli.Command{
		Name: name, Usage: use, ArgsUsage: args, Flags: []cli.Flag{setup.ConfigFlag(), setup.JSONFlag()}, Action: action,
	})
}

// checkArguments makes a command below another one refuse any number of arguments but count; -1 for any number.
func checkArguments(above string, count int, below *cli.Command) *cli.Command {
	action := below.Action
	below.Action = func(c *cli.Context) error {
		if count >= 0 && c.NArg() != count {
			name := above + " " + below.Name
			return ui.Usage(strings.TrimSpace("obmen "+name+" "+below.ArgsUsage), "%s takes %s, got %d", name, ui.Plural(count, "argument", "arguments"), c.NArg())
		}
		return action(c)
	}
	return below
}

type sourceOptions struct {
	Config string
	JSON   bool
	Args   []string
}

func sourceOptionsOf(c *cli.Context) sourceOptions {
	return sourceOptions{Config: c.Path("config"), JSON: c.Bool("json"), Args: c.Args().Slice()}
}

// jsonMapping is a mapped source in lists.
type jsonMapping struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Origin   string `json:"origin"` // built-in, or the path of one's own
	Title    string `json:"title"`
	Sure     string `json:"sure"` // what it was made from
	Examples int    `json:"examples"`
	Pull     bool   `json:"pull"` // an account can be pulled by it
}

func jsonMappingOf(m *mapped.Mapping) jsonMapping {
	return jsonMapping{m.Name, string(m.Kind), originOfMapping(m), m.Title, m.Sure, len(m.Examples), m.Pull != nil}
}

func originOfMapping(m *mapped.Mapping) string {
	if m.Own {
		return m.File
	}
	return "built-in"
}

func runSourceList(opt sourceOptions, s ui.Streams) error {
	set, _, err := loadSources(opt.Config)
	if err != nil {
		return err
	}
	list := []jsonMapping{}
	for _, m := range set.Mappings() {
		list = append(list, jsonMappingOf(m))
	}
	if opt.JSON {
		return ui.PrintJSON(s.Out, list)
	}
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	for _, m := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Name, m.Kind, m.Origin, m.Title)
	}
	return w.Flush()
}

// loadSources are the mappings in force. One's own may have mistakes: then they are an error.
func loadSources(path string) (*mapped.Set, *config.Config, error) {
	cfg, err := config.LoadWithoutSources(path)
	if err != nil {
		return nil, nil, err
	}
	own, err := cfg.OwnSources()
	if err != nil {
		return nil, nil, err
	}
	return mapped.NewSet(own...), cfg, nil
}

// findSource is a mapping by its name, or by the path of its file.
func findSource(opt sourceOptions, name string) (*mapped.Mapping, error) {
	if strings.HasSuffix(name, ".toml") {
		return readMapping(name)
	}
	set, _, err := loadSources(opt.Config)
	if err != nil {
		return nil, err
	}
	if m, ok := set.Find(name); ok {
		return m, nil
	}
	return nil, ui.Usage("`obmen source list` names them; a file of your own ends with .toml", "there is no mapped source %q", name)
}

// readMapping compiles a mapping of one's own.
func readMapping(path string) (*mapped.Mapping, error) {
	f, err := drop.OpenRegular(path)
	if err != nil {
		return nil, ui.WithHint(err, "check the path; `obmen source list` names the mappings that need none")
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mapped.MaxSize+1))
	if err != nil {
		return nil, ui.WithHint(err, "check the disk or share the file is on")
	}
	if open := mapped.Unfilled(path, text); len(open) > 0 {
		return nil, config.MappingProblems(open)
	}
	m, err := mapped.Parse(path, text)
	var mistakes mapped.Mistakes
	if errors.As(err, &mistakes) {
		return nil, config.MappingProblems(mistakes)
	}
	if m != nil {
		m.Own = true
	}
	return m, err
}

func runSourceShow(opt sourceOptions, s ui.Streams) error {
	m, err := findSource(opt, opt.Args[0])
	if err != nil {
		return err
	}
	if opt.JSON {
		return ui.PrintJSON(s.Out, struct {
			jsonMapping
			Text string `json:"text"`
		}{jsonMappingOf(m), string(m.Text)})
	}
	_, err = s.Out.Write(m.Text)
	return err
}

// jsonMistake is something wrong in a mapping.
type jsonMistake struct {
	Place string `json:"place"` // file:line:column
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"`
}

func runSourceCheck(ctx context.Context, opt sourceOptions, s ui.Streams) error {
	files, err := mappingFiles(opt)
	if err != nil {
		return err
	}
	mistakes := config.Problems{}
	good, notes := []string{}, []string{}
	for _, file := range files {
		wrong, unmet, err := checkMapping(ctx, file)
		if err != nil {
			return err
		}
		if len(wrong) == 0 {
			good = append(good, file)
		}
		notes = append(notes, unmet...)
		mistakes = append(mistakes, wrong...)
	}
	if opt.JSON {
		list := []jsonMistake{}
		for _, m := range mistakes {
			list = append(list, jsonMistake{m.File, m.Text, m.Advice})
		}
		if err := ui.PrintJSON(s.Out, struct {
			Good     []string      `json:"good"`
			Mistakes []jsonMistake `json:"mistakes"`
			Notes    []string      `json:"notes"` // paths that led nowhere in the examples
		}{good, list, notes}); err != nil {
			return err
		}
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	for _, n := range notes {
		s.PrintPhrase(s.Err, "note: %s\n", n)
	}
	s.PrintPhrase(s.Err, "%s good\n", ui.Plural(len(good), "mapping is", "mappings are"))
	return nil
}

// mappingFiles are the mappings to check: the given files and those in the given folders, else one's own.
func mappingFiles(opt sourceOptions) (files []string, err error) {
	args := opt.Args
	if len(args) == 0 {
		cfg, err := config.LoadWithoutSources(opt.Config)
		if err != nil {
			return nil, err
		}
		if cfg.Folders.Sources == "" {
			return nil, ui.Usage("obmen source check FILE…, or make the folder sources beside obmen.toml", "there are no mappings of your own")
		}
		args = []string{cfg.Folders.Sources}
	}
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, ui.WithHint(err, "check the path")
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		found, err := fs.Glob(os.DirFS(arg), "*.toml")
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			files = append(files, filepath.Join(arg, name))
		}
	}
	return files, nil
}

// checkMapping compiles a mapping and converts its examples; unmet are paths that led nowhere in them.
func checkMapping(ctx context.Context, file string) (wrong config.Problems, unmet []string, err error) {
	m, err := readMapping(file)
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		return problems, nil, nil
	case err != nil:
		return nil, nil, err
	}
	beside := os.DirFS(filepath.Dir(file))
	mistakes, err := examples.Check(ctx, m, beside)
	if err != nil || len(mistakes) > 0 {
		return config.MappingProblems(mistakes), nil, err
	}
	unmet, err = examples.UnmetPaths(ctx, m, beside)
	return nil, unmet, err
}

func runSourceTry(ctx context.Context, opt sourceOptions, s ui.Streams) error {
	m, err := findSource(opt, opt.Args[0])
	if err != nil {
		return err
	}
	in := setup.NewInput(opt.Args[1], "")
	trial, err := mapped.Try(ctx, m, in)
	if err != nil {
		return err
	}
	if opt.JSON {
		return ui.PrintJSON(s.Out, trial)
	}
	w := tabwriter.NewWriter(s.Out, 0, 4, 2, ' ', 0)
	for _, v := range trial.First {
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.Field, v.Value, v.From)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	printTrial(trial, m, s)
	if trial.Error != "" || trial.Orders == 0 {
		return ui.ErrHeld
	}
	return nil
}

// printTrial tells what a mapping makes of a file as a whole.
func printTrial(t *mapped.Trial, m *mapped.Mapping, s ui.Streams) {
	w := s.Err
	if !t.Claimed {
		fmt.Fprintf(w, "note: %s does not know this file by its content: obmen would not take the mapping for it\n  hint: compare [detect] with the file\n", m.Name)
	}
	for _, n := range t.NotFound {
		fmt.Fprintln(w, "note: "+n)
	}
	for _, r := range t.Refusals {
		fmt.Fprintln(w, "refused: "+r)
	}
	if t.Error != "" {
		s.PrintProblem(t.Error, t.Hint)
	}
	fmt.Fprintf(w, "%s, %s refused\n", ui.Plural(t.Orders, "order", "orders"), ui.Plural(t.Refused, "order", "orders"))
}

func runSourceGuess(opt sourceOptions, s ui.Streams) error {
	guess, err := mapped.MakeGuess(setup.NewInput(opt.Args[0], ""))
	if err != nil {
		return err
	}
	if opt.JSON {
		return ui.PrintJSON(s.Out, guess)
	}
	for _, n := range guess.Notes {
		s.PrintPhrase(s.Err, "note: %s\n", n)
	}
	_, err = io.WriteString(s.Out, guess.Text)
	return err
}

func runSourceCopy(opt sourceOptions, s ui.Streams) error {
	set, cfg, err := loadSources(opt.Config)
	if err != nil {
		return err
	}
	m, ok := set.Find(opt.Args[0])
	if !ok {
		return ui.Usage("`obmen source list` names them", "there is no mapped source %q", opt.Args[0])
	}
	dir := cfg.SourcesDir()
	target := filepath.Join(dir, m.Name+".toml")
	if err := drop.MakeDirs(drop.OS{}, dir, 0o777); err != nil {
		return ui.WithHint(err, "choose a folder that you may write to: sources in [folders]")
	}
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return ui.WithHint(fmt.Errorf("%s is there already", target), "nothing is overwritten; change it, or remove it first")
	}
	if err != nil {
		return ui.WithHint(err, "choose a folder that you may write to: sources in [folders]")
	}
	_, err = f.Write(m.Text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if opt.JSON {
		return ui.PrintJSON(s.Out, struct {
			Name string `json:"name"`
			Path string `json:"path"`
		}{m.Name, target})
	}
	s.PrintPhrase(s.Err, "%s → %s: it counts instead of the built-in one\n", m.Name, target)
	if cfg.Path == "" {
		fmt.Fprintln(s.Err, "  hint: obmen looks for it beside obmen.toml; `obmen init DIR` makes one")
	}
	return nil
}
