package serving

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/fetching"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/document"
	"obmen/convert/layout"
	"obmen/templates/readers"
	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
	"obmen/watch/httpdoor"
	"obmen/watch/ledger"
	"obmen/watch/web"
)

// servedPage is the page of a watcher while it is served.
type servedPage struct {
	cfg      *config.Config
	catalogs func() (*catalog.Snapshot, error) // those in force
	mount    func(http.Handler) http.Handler   // adds what monitors read
	apply    func() error                      // starts with changed settings, or says what is wrong with them
	settings string                            // the text of those that are in force
	server   *web.Server
	started  bool // the server has begun to count
	http     *http.Server
	done     chan struct{}
}

// servePage serves the page as long as the watcher works. A page that cannot be served stops nothing: the watcher
// works without it, and says so.
func servePage(ctx context.Context, cfg *config.Config, book *ledger.Ledger, catalogs func() (*catalog.Snapshot, error), mount func(http.Handler) http.Handler, apply func() error, s ui.Streams) *servedPage {
	p := &servedPage{cfg: cfg, catalogs: catalogs, mount: mount, apply: apply, settings: settingsText(cfg)}
	if cfg.Web.Listen == "" {
		return p
	}
	if err := p.serve(ctx, book, s); err != nil {
		s.PrintError(err)
		s.Note("page.goes-on")
	}
	return p
}

func (p *servedPage) serve(ctx context.Context, book *ledger.Ledger, s ui.Streams) error {
	if err := web.NoteAddress(p.cfg.Folders.State, ""); err != nil { // of a watcher that was killed
		return err
	}
	if users, err := p.cfg.WebUsers(); err != nil || len(users) == 0 && !p.cfg.Web.Local() {
		if err != nil {
			return setup.MarkSecretErrors(err)
		}
		return words.Refuse(words.New("page.no-users", "Listen", p.cfg.Web.Listen), words.New("page.add-user", "Command", p.cfg.Command("web user set", "anna")))
	}
	p.server = p.newServer(book, s)
	if err := p.server.Start(ctx); err != nil {
		return err
	}
	p.started = true
	listener, address, err := listenForPage(&p.cfg.Web)
	if err != nil {
		return err
	}
	if err := web.NoteAddress(p.cfg.Folders.State, address); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.Note("page.address", "Address", address, "Command", p.cfg.Command("open"))
	p.http, p.done = p.server.HTTP(), make(chan struct{})
	p.http.Handler = p.mount(p.http.Handler)
	go func() {
		defer close(p.done)
		if err := p.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.PrintError(err)
		}
	}()
	return nil
}

// listenForPage returns a listener, and the address that this machine's browser opens.
func listenForPage(w *config.Web) (net.Listener, string, error) {
	var pair tls.Certificate
	if w.Cert != "" {
		var err error
		if pair, err = tls.LoadX509KeyPair(w.Cert, w.Key); err != nil {
			return nil, "", ui.InSettings(&words.Error{Text: words.New("page.certificate", "Why", err.Error()), Next: words.New("page.certificate-cure"), Err: err})
		}
	}
	listener, err := net.Listen("tcp", w.Listen)
	if err != nil {
		return nil, "", &words.Error{Text: words.New("page.no-port", "Listen", w.Listen, "Why", err.Error()), Next: words.New("page.other-port"), Err: err}
	}
	listener = httpdoor.Limit(listener)
	address := "http://" + browserAddress(listener.Addr().String())
	if w.Cert != "" {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
		address = "https" + strings.TrimPrefix(address, "http")
	}
	return listener, address, nil
}

// browserAddress is a listener's address as the browser of this machine asks for it: one for all addresses is none.
func browserAddress(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// newServer puts the page together.
func (p *servedPage) newServer(book *ledger.Ledger, s ui.Streams) *web.Server {
	cfg := p.cfg
	hosts := cfg.Web.Hosts
	if name, err := os.Hostname(); err == nil {
		hosts = append([]string{name}, hosts...)
	}
	d := withCatalogs(setup.NewDesk(cfg, book), p.catalogs)
	return &web.Server{
		Desk: d,
		Options: web.Options{
			Language: config.Language(cfg.Path), Hosts: hosts, Secure: cfg.Web.Cert != "" || cfg.Web.BehindProxy, ShowPersonal: cfg.Web.ShowPersonal,
			Version: setup.Version,
		},
		Outside: web.Outside{
			User: func(name string) ([]byte, roles.Role) {
				u, err := cfg.WebUserOf(name)
				if err != nil {
					s.PrintError(setup.MarkSecretErrors(err))
				}
				return u.Hash, u.Role
			},
			HasUsers: func() bool {
				users, err := cfg.WebUsers()
				return err == nil && len(users) > 0
			},
			Seen:     (&seenIn1C{page: p, catalog: d.Catalog}).show,
			Fetches:  func() []web.Fetch { return fetchesOfPage(cfg) },
			Settings: func() web.Settings { return settingsOfPage(cfg, p.settings) },
			Apply:    func() []error { return ui.EachError(p.apply()) },
			Check: func() []error {
				errs, _, _ := findProblems(cfg)
				return errs
			},
			Users: func() []web.UserRow { return usersOfPage(cfg) },
			StoreSecrets: func(account string, values map[string]string) error {
				return setup.MarkSecretErrors(config.StoreSecrets(cfg.SecretsFile(), account, values, time.Now(), false))
			},
			CheckFetch: func(ctx context.Context, account, language string) string {
				return checkFetchOfPage(ctx, cfg, account, language)
			},
		},
	}
}

// withCatalogs lets a desk see the catalogs that are in force.
func withCatalogs(d *desk.Desk, inForce func() (*catalog.Snapshot, error)) *desk.Desk {
	load := d.Catalog
	d.Catalog = func() (*catalog.Snapshot, error) {
		if now, err := inForce(); now != nil || err != nil { // else they are being saved for the first time
			return now, err
		}
		return load()
	}
	return d
}

// fetchesOfPage is how the accounts stand that are fetched.
func fetchesOfPage(cfg *config.Config) (list []web.Fetch) {
	moment := func(stamp string) time.Time {
		t, _ := time.Parse(time.RFC3339, stamp) // empty: not known
		return t
	}
	for _, f := range fetching.States(cfg, true) {
		list = append(list, web.Fetch{
			Account: f.Account, Running: f.Running, Ended: moment(f.Ended), Next: moment(f.Next), Orders: f.Orders, Waits: f.Waits, Error: f.Error, Fix: f.Hint,
		})
	}
	return list
}

// changed lets open pages look again.
func (p *servedPage) changed() {
	if p.server != nil {
		p.server.Changed()
	}
}

// pageGrace is how long a request may take to end when obmen ends.
const pageGrace = 5 * time.Second

// close lets requests end, and hangs up on those that do not.
func (p *servedPage) close() {
	if p.started {
		defer p.server.Close()
	}
	if p.http == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), pageGrace)
	defer stop()
	if p.http.Shutdown(ctx) != nil {
		_ = p.http.Close()
	}
	<-p.done
	_ = web.NoteAddress(p.cfg.Folders.State, "") // a note that stays is of a watcher that does not run
}

// seenIn1C shows what configurations of 1C would hold after reading a document as a file of the layout commerceml.
type seenIn1C struct {
	page    *servedPage
	catalog func() (*catalog.Snapshot, error)

	once   sync.Once
	layout *layout.Layout // nil where it cannot be compiled
}

func (n *seenIn1C) show(ctx context.Context, d *document.Document, say *words.Words) (list []web.Seen) {
	n.once.Do(func() {
		if layouts, err := setup.LoadLayouts(n.page.cfg, []string{siteLayout}); err == nil {
			n.layout = layouts[0]
		}
	})
	cat, err := n.catalog()
	if n.layout == nil || err != nil { // what is wrong stands on the page of the settings
		return nil
	}
	var file bytes.Buffer
	b := document.Batch{Account: d.Account, Constants: d.Constants, Created: d.Updated, Documents: []document.Document{*d}}
	if _, err := n.layout.Parts()[0].Write(ctx, &file, b); err != nil {
		return nil
	}
	for _, target := range readers.Targets() {
		reader := target.ReaderOf(file.Bytes()[:min(file.Len(), 4096)], readers.Node{})
		if reader == nil {
			continue
		}
		var text bytes.Buffer
		base := converting.KnownBase(n.page.cfg, cat, nil, file.Bytes())
		items, buyers := len(base.Items), len(base.Buyers)
		report := reader.Read(base, file.Bytes())
		readers.Describe(&text, base, items, buyers, say.Phrase)
		converting.PrintMessages(&text, target.Title, &report, say)
		list = append(list, web.Seen{Target: target.Title, Text: text.String()})
	}
	return list
}

// settingsOfPage returns the part of the settings that the page shows. The file is read each time, so that the page
// shows what counts at the next start.
func settingsOfPage(cfg *config.Config, inForce string) web.Settings {
	s := web.Settings{File: cfg.Path, Layouts: cfg.Layouts, Text: settingsText(cfg)}
	s.Changed = s.Text != inForce
	for _, a := range cfg.Options.Accounts {
		row := web.AccountRow{Name: a.Name, Marketplaces: a.Marketplaces}
		if _, row.Fetched = cfg.FetchOf(a.Name); row.Fetched {
			row.Secrets, row.Missing = cfg.SecretNamesOf(a.Name), setup.SecretStatusOf(cfg, a.Name, time.Now()).Missing
		}
		s.Accounts = append(s.Accounts, row)
	}
	return s
}

// settingsText returns the text of the settings as it is now; empty while it cannot be read.
func settingsText(cfg *config.Config) string {
	text, err := config.ReadText(cfg.Path)
	if err != nil {
		return ""
	}
	return string(text)
}

// usersOfPage are who may log in.
func usersOfPage(cfg *config.Config) (list []web.UserRow) {
	users, _ := cfg.WebUsers() // what cannot be read lets no one in, which the watcher says
	for _, u := range users {
		list = append(list, web.UserRow{Name: u.Name, Role: u.Role.String()})
	}
	return list
}

// checkFetchOfPage returns the text that fetch --check prints.
func checkFetchOfPage(ctx context.Context, cfg *config.Config, account, language string) string {
	var out bytes.Buffer
	s := ui.Streams{Out: &out, Err: &out}.Safe(language)
	if err := fetching.Run(ctx, fetching.Options{Config: cfg.Path, Accounts: []string{account}, Check: true}, s); err != nil {
		s.PrintError(err)
	}
	return out.String()
}
