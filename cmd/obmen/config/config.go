// Package config reads obmen.toml into typed settings. It is the only reader of files and environment
// for settings; paths in the file are relative to the file.
package config

import (
	"cmp"
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"obmen/convert"
	"obmen/convert/document"
	"obmen/convert/source/mapped"
	"obmen/watch/drop"
	"obmen/watch/inbox"
)

// FileName is the configuration that every command looks for in the current folder.
const FileName = "obmen.toml"

// PathVariable is the environment's choice of the configuration, where no option names another.
const PathVariable = "OBMEN_CONFIG"

// DefaultPath returns the configuration that the environment names; empty when it names none.
func DefaultPath() string { return os.Getenv(PathVariable) }

// Load reads a configuration. Path "" means obmen.toml in the current folder if there is one.
// The error is Problems, or the file system's.
func Load(path string) (*Config, error) {
	cfg, err := LoadWithoutSources(path)
	if err != nil {
		return nil, err
	}
	return cfg, cfg.loadSources()
}

// LoadWithoutSources is Load with the built-in mappings only: one's own may have mistakes.
func LoadWithoutSources(path string) (*Config, error) {
	if path == "" {
		if _, err := os.Stat(FileName); errors.Is(err, fs.ErrNotExist) {
			return Defaults(), nil
		}
		path = FileName
	}
	text, err := ReadText(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Problems{{File: path, Text: "there is no such file", Advice: "`obmen init DIR` makes one"}}
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	return parseFile(path, text)
}

// ReadText returns the text of a settings file.
func ReadText(path string) ([]byte, error) { return drop.ReadSmall(path, mostSettings) }

// mostSettings is far more than settings have, in bytes.
const mostSettings = 4 << 20

func parseFile(path string, text []byte) (*Config, error) {
	c := &checker{path: path, lines: strings.Split(string(text), "\n")}
	f, err := c.decode()
	if err != nil {
		return nil, err
	}
	cfg := Defaults()
	cfg.Path = path
	c.checkFolders(cfg, f.Folders)
	c.checkSettings(cfg, f)
	cfg.fetched = c.fetchDefaults(&f.Fetch)
	for i := range f.Accounts {
		c.checkAccount(cfg, &f.Accounts[i], i)
	}
	c.checkRoutes(cfg, f.Routes)
	c.checkSite(cfg, f.Site)
	c.checkWeb(&cfg.Web, &f.Web)
	c.checkDeliveries(cfg, f)
	c.checkNotify(cfg, f)
	c.checkLog(&cfg.Log, &f.Log)
	c.checkLedger(&cfg.Ledger, &f.Ledger)
	c.checkStore(cfg, &f.Store)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	return cfg, nil
}

// unreadable is a settings file that cannot be read: most often it is the folder that holds one.
func unreadable(path string, err error) error {
	p := Problem{File: path, Text: "it cannot be read: " + err.Error(), Advice: "look at its rights"}
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		p.Text, p.Advice = "it is a folder", "name the file: --config "+quoteAll(filepath.Join(path, FileName))
	} else if hinted := (interface{ Hint() string })(nil); errors.As(err, &hinted) {
		p.Advice = hinted.Hint()
	}
	return Problems{p}
}

// Defaults is the configuration without a file: both first layouts, everything else by default.
func Defaults() *Config {
	cfg := &Config{Watch: defaultWatch(), Services: Services{Web: defaultWeb()}, Delivered: Delivered{Watch: ByFolder}, Conversion: Conversion{Layouts: []string{"commerceml", "sheet"}, Numbers: document.Numbering{Start: 1, Width: 6}}}
	cfg.Mappings = mapped.NewSet()
	cfg.Options.Sources = cfg.Mappings
	return cfg
}

// Config is what obmen.toml says, checked, with every path absolute or relative to the current folder.
type Config struct {
	Conversion
	Path    string // of obmen.toml; empty when there is none
	Folders Folders
	Watch   Watch

	Encryption Encryption
	Services
	Ledger    Ledger
	Store     Store
	Delivered Delivered
	Fetch     []Fetch // accounts whose orders are fetched, in the order of the file

	routes  []inbox.Route // empty without [[route]]
	fetched Fetch         // what [fetch] says
}

// Conversion is how orders become files.
type Conversion struct {
	Mappings *mapped.Set // those that were loaded with the settings
	Layouts  []string
	Layout   map[string]map[string]string // settings by layout name
	Options  convert.Options
	Numbers  document.Numbering // of the documents in 1C
}

// Services are what a watcher offers to others, and whom it tells.
type Services struct {
	Site      *Site // nil without [site]
	Web       Web
	Log       Log
	Notify    []Notify
	Heartbeat Heartbeat
}

// Folders are the places that watch works in; routes may have others.
type Folders struct {
	Inbox, Outbox, Archive, Quarantine, Catalogs, Ack, State string
	Templates                                                string // a folder of one's own layouts; may be empty
	Sources                                                  string // a folder of one's own mappings of sources; empty where there is none
}

// file is the shape of obmen.toml.
type file struct {
	Language string `toml:"language"`

	Folders map[string]string `toml:"folders"`
	Watch   watchSection      `toml:"watch"`
	orderSections
	Fetch    fetchSection `toml:"fetch"`
	Accounts []account    `toml:"account"`
	Routes   []route      `toml:"route"`
	serviceSections
	Ledger ledgerSection `toml:"ledger"`
	Store  storeSection  `toml:"store"`
}

// orderSections are those that decide over orders and their files.
type orderSections struct {
	Match struct {
		Customer        []string `toml:"customer"`
		UnknownCustomer string   `toml:"unknown_customer"`
		UnknownProduct  string   `toml:"unknown_product"`
		DefaultCustomer string   `toml:"default_customer"`
	} `toml:"match"`
	Layouts struct {
		Use    []string `toml:"use"`
		Orders int      `toml:"orders_per_file"`
	} `toml:"layouts"`
	Numbers struct {
		Start int `toml:"start"`
		Width int `toml:"width"`
	} `toml:"numbers"`
	Layout map[string]map[string]any `toml:"layout"`
}

// serviceSections are those of what a watcher offers to others, and of whom it tells.
type serviceSections struct {
	Site *siteSection `toml:"site"`
	Web  webSection   `toml:"web"`

	Log       logSection       `toml:"log"`
	Notify    []notifySection  `toml:"notify"`
	Heartbeat heartbeatSection `toml:"heartbeat"`
}

type account struct {
	Name         string   `toml:"name"`
	Marketplaces []string `toml:"marketplaces"`
	TimeZone     string   `toml:"time_zone"`
	Currency     string   `toml:"currency"`
	accountIn1C
	accountTax
	BuyerCancel string   `toml:"buyer_cancel"`
	Undelivered string   `toml:"undelivered"`
	ProductBy   []string `toml:"product_by"`
	fetchKeys
}

// accountTax are the keys of an account's taxes.
type accountTax struct {
	VCS     bool   `toml:"vcs_enrolled"`
	Tax     string `toml:"tax"`
	TaxBy   string `toml:"tax_by"`
	VAT     string `toml:"vat"`
	Country string `toml:"country"`
}

// accountIn1C are the keys of what an account is in 1C.
type accountIn1C struct {
	Organisation string            `toml:"organisation"`
	Warehouses   map[string]string `toml:"warehouses"`
	Customer     string            `toml:"customer"`
	Constants    map[string]any    `toml:"constants"`
	Deliver      string            `toml:"deliver"`
	Numbers      string            `toml:"numbers"`
}

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

// SourcesFolder is the folder of one's own mappings that is looked for beside obmen.toml.
const SourcesFolder = "sources"

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// OwnSources compiles one's own mappings. The error is Problems, one for each mistake.
func (c *Config) OwnSources() ([]*mapped.Mapping, error) {
	if c.Folders.Sources == "" {
		return nil, nil
	}
	if !isFolder(c.Folders.Sources) {
		return nil, Problems{{
			File: c.Folders.Sources, Text: "there is no such folder of sources",
			Advice: "correct sources in " + c.Path + ", or leave it out; `obmen source copy` makes the folder",
		}}
	}
	list, err := mapped.Load(os.DirFS(c.Folders.Sources), c.Folders.Sources)
	var mistakes mapped.Mistakes
	if !errors.As(err, &mistakes) {
		return list, err
	}
	return nil, MappingProblems(mistakes)
}

// MappingProblems are the mistakes of mappings as problems of the settings.
func MappingProblems(mistakes mapped.Mistakes) (problems Problems) {
	for _, m := range mistakes {
		problems = append(problems, Problem{File: m.Place(), Text: m.Text, Advice: m.Advice})
	}
	return problems
}

// SourcesDir is the folder of one's own mappings, also where there is none yet.
func (c *Config) SourcesDir() string {
	return cmp.Or(c.Folders.Sources, filepath.Join(filepath.Dir(c.Path), SourcesFolder))
}

// loadSources takes one's own mappings into the options.
func (c *Config) loadSources() error {
	own, err := c.OwnSources()
	if err != nil {
		return err
	}
	set := mapped.NewSet(own...)
	c.Options.Sources, c.Mappings = set, set
	return c.joinPulls(set)
}

// Example is the commented obmen.toml that a new folder begins with: every setting at its default.
//
//go:embed example.toml
var Example []byte
