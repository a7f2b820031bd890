package serving

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/convert/catalog"
	"obmen/convert/layout"
	"obmen/watch"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/httpdoor"
	"obmen/watch/ledger"
	"obmen/watch/site"
)

// siteLayout is the layout in which 1C reads what it fetches.
const siteLayout = "commerceml"

// siteUploads is the folder, in the state folder, for what 1C is sending.
const siteUploads = "site"

// siteStatuses are the states of orders that 1C may set against its own.
var siteStatuses = []string{"pending", "unshipped", "partially-shipped", "shipped", "cancelled", "unfulfillable"}

// fetchedSite is the server of [site] and what it answers with.
type fetchedSite struct {
	cfg    *config.Config
	layout *layout.Layout // nil without [site]
	server *site.Server
	report func(watch.Event)

	http *http.Server
	done chan struct{}

	wrong atomic.Int64 // when a wrong login was reported last, in Unix seconds
	left  leftProducts
}

// leftProducts remembers what was told of products that are not taken, by user and file: 1C sends the same ones
// at each exchange.
type leftProducts struct{ told map[[2]string]string }

// isNew reports whether a text differs from the last one of a user's file. One file is merged at a time.
func (l *leftProducts) isNew(user, file, text string) bool {
	key := [2]string{user, file}
	if l.told[key] == text {
		return false
	}
	if l.told == nil || len(l.told) > mostFilesTold {
		l.told = map[[2]string]string{}
	}
	l.told[key] = text
	return true
}

// mostFilesTold bounds what is remembered of files.
const mostFilesTold = 1000

// wrongEvery is how often wrong logins are reported: whoever guesses fills no log.
const wrongEvery = time.Minute

// wrongLogin reports a wrong login unless one was reported just now.
func (f *fetchedSite) wrongLogin(user string) {
	now, last := time.Now().Unix(), f.wrong.Load()
	if now-last < int64(wrongEvery/time.Second) || !f.wrong.CompareAndSwap(last, now) {
		return
	}
	f.alert(user, "a login with a wrong name or password", "if it was your 1C, store the password again: obmen site user set NAME")
}

// LoadFetched finds out which orders 1C fetches.
func LoadFetched(cfg *config.Config) (f *fetchedSite, err error) {
	f = &fetchedSite{cfg: cfg}
	if cfg.Site != nil {
		f.layout, err = loadSiteLayout(cfg)
	}
	return f, err
}

// openSite prepares what [site] asks for.
func openSite(ctx context.Context, cfg *config.Config, book *ledger.Ledger, s ui.Streams, report func(watch.Event)) (*fetchedSite, error) {
	f, err := LoadFetched(cfg)
	if err != nil || cfg.Site == nil {
		return f, err
	}
	f.report = report
	disk := drop.OS{}
	delivery := &site.Delivery{
		Ledger: book, Layout: func() *layout.Layout { return f.layout }, Decode: ledger.UnpackDocument,
		Accounts: f.accounts, Currencies: siteCurrencies(cfg), Now: time.Now, Report: f.event,
	}
	f.server = &site.Server{
		Queue: delivery, Answers: delivery, Password: f.password, Batch: cfg.Site.Batch, Bitrix: bitrix(cfg),
		Uploads:  drop.Folder{Dir: cfg.Folders.State, Temp: filepath.Join(cfg.Folders.State, siteUploads), FS: disk},
		Statuses: siteStatuses, Report: f.event, Now: time.Now,
	}
	if cfg.Site.Products {
		f.server.Products = &site.CatalogFile{Path: filepath.Join(cfg.Folders.Catalogs, catalog.ProductsFile), FS: disk, Merged: f.merged}
	}
	return f, nil
}

// loadSiteLayout compiles the exchange file. 1C reads it as UTF-8 and without a namespace, whatever the
// files of the outbox are like.
func loadSiteLayout(cfg *config.Config) (*layout.Layout, error) {
	own := *cfg
	settings := maps.Clone(cfg.Layout[siteLayout])
	if settings == nil {
		settings = map[string]string{}
	}
	delete(settings, "encoding")
	delete(settings, "namespace")
	settings["number"] = "short" // 1C's answers name it
	if cfg.Site.Target != "" {
		settings["target"] = cfg.Site.Target
	}
	if bitrix(cfg) && settings["version"] == "" {
		settings["version"] = "3.1"
	}
	own.Layout = map[string]map[string]string{siteLayout: settings}
	list, err := setup.LoadLayouts(&own, []string{siteLayout})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// bitrix reports whether the client is the exchange module of 1C-Bitrix, which reads version 3.1.
func bitrix(cfg *config.Config) bool {
	return cmp.Or(cfg.Site.Target, cfg.Layout[siteLayout]["target"]) == "bitrix"
}

// siteCurrencies are 1C's names of currencies, as the layout writes them.
func siteCurrencies(cfg *config.Config) map[string]string {
	names := map[string]string{}
	for key, name := range cfg.Layout[siteLayout] {
		if letters, is := strings.CutPrefix(key, "currency_names."); is {
			names[letters] = name
		}
	}
	return names
}

// LayoutOf tells the watcher which orders 1C fetches.
func (f *fetchedSite) LayoutOf(route, account string) (*layout.Layout, string) {
	if f.layout == nil || f.cfg.Delivered.Of(route, account) != config.BySite {
		return nil, ""
	}
	return f.layout, ledger.SiteExchange(account)
}

func (f *fetchedSite) accounts(user string) []string {
	u, _ := f.cfg.SiteUserOf(user)
	return u.Accounts
}

func (f *fetchedSite) password(user string) []byte {
	hash, err := f.cfg.SiteHash(user)
	if err != nil {
		f.alert("", "the passwords of 1C cannot be read: "+err.Error(), ui.HintOf(err))
	}
	return hash
}

// serve begins to answer 1C.
func (f *fetchedSite) serve(s ui.Streams) error {
	if f.server == nil {
		return nil
	}
	if _, err := f.server.Uploads.Sweep(context.Background(), time.Now()); err != nil {
		return err
	}
	listener, scheme, err := f.listen()
	if err != nil {
		return err
	}
	for _, u := range f.cfg.Site.Users {
		if f.password(u.Name) == nil {
			s.PrintProblem("user "+u.Name+" has no password yet, so 1C cannot log in", "store one: "+f.cfg.Command("site user set", u.Name))
		}
	}
	s.PrintPhrase(s.Err, "1C fetches its orders from %s://%s%s\n", scheme, listener.Addr(), site.Paths[0])
	f.http, f.done = f.server.HTTP(), make(chan struct{})
	go func() {
		defer close(f.done)
		if err := f.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			f.alert("", "1C cannot fetch its orders any more: "+err.Error(), "start obmen again")
		}
	}()
	return nil
}

func (f *fetchedSite) listen() (net.Listener, string, error) {
	c := f.cfg.Site
	pair, err := siteCertificate(c)
	if err != nil {
		return nil, "", err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, "", ui.InSettings(ui.WithHint(fmt.Errorf("listen of [site]: %w", err), "choose another port, or end the program that has this one"))
	}
	listener = httpdoor.Limit(listener)
	if c.Cert == "" {
		return listener, "http", nil
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), "https", nil
}

// siteCertificate reads the certificate, an empty one without TLS.
func siteCertificate(c *config.Site) (pair tls.Certificate, err error) {
	if c.Cert == "" {
		return pair, nil
	}
	if pair, err = tls.LoadX509KeyPair(c.Cert, c.Key); err != nil {
		err = ui.InSettings(ui.WithHint(fmt.Errorf("certificate of [site]: %w", err), "tls_cert and tls_key name PEM files that belong together"))
	}
	return pair, err
}

// siteGrace is how long a request of 1C may take to end when obmen ends.
const siteGrace = 5 * time.Second

// close lets requests end, and hangs up on those that do not.
func (f *fetchedSite) close() {
	if f.http == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), siteGrace)
	defer stop()
	if f.http.Shutdown(ctx) != nil {
		_ = f.http.Close()
	}
	<-f.done
	f.server.Close()
}

func (f *fetchedSite) alert(user, text, hint string) {
	f.report(watch.Event{Kind: watch.Alert, File: siteName(user), Text: text, Hint: hint})
}

// siteName is what events about a user are about.
func siteName(user string) string { return strings.TrimSpace("site " + user) }

// event passes on what a person should know.
func (f *fetchedSite) event(e site.Event) {
	switch e.Kind {
	case site.Confirmed:
		f.report(watch.Event{Kind: watch.Fetched, File: siteName(e.User), Text: "1C has fetched " + ui.Plural(e.Orders, "order", "orders")})
	case site.Received:
		if e.Orders > 0 {
			f.report(watch.Event{Kind: watch.Replied, File: siteName(e.User), Text: "1C sent the states of " + ui.Plural(e.Orders, "order", "orders")})
		}
	case site.Refused:
		f.alert(e.User, "order "+e.Number+" is held, refused-by-1c: "+e.Err.Error(), "mend the reason that 1C's event log names, then: "+f.cfg.Command("replay", e.Number))
	case site.Differs:
		f.alert(e.User, "order "+e.Number+", 1c-differs: "+e.Err.Error(), "compare the document in 1C with the order: obmen explain "+e.Number)
	case site.Dropped:
		f.alert(e.User, "order "+e.Number+": "+e.Err.Error(), "if that was no mistake, nothing is to be done")
	case site.Unknown:
		f.alert(e.User, "1C speaks of order "+cmp.Or(ui.OneLine(e.Number), "(no number)")+", which it did not get here", "if it is of another site, look at the node's filter in 1C")
	case site.Broken:
		f.alert(e.User, strings.TrimSpace(e.File+" ")+": "+e.Err.Error(), cmp.Or(ui.HintOf(e.Err), "the next exchange of 1C tries again"))
	case site.WrongLogin:
		f.wrongLogin(e.User)
	}
}

// merged reports what came of products that 1C sent.
func (f *fetchedSite) merged(user, file string, m catalog.Merge) {
	if m.Added+m.Changed > 0 {
		f.report(watch.Event{Kind: watch.Replied, File: siteName(user), Text: fmt.Sprintf("%s: %s added to products.csv, %d changed", file, ui.Plural(m.Added, "product", "products"), m.Changed)})
	}
	text, hint := "", ""
	if m.Left > 0 {
		first := m.LeftOut[0]
		text = fmt.Sprintf("%s: %s not in products.csv; the first: %s: %s", file, ui.Plural(m.Left, "product is", "products are"), ui.OneLine(first.Name), first.Text)
		hint = first.Hint
	}
	if f.left.isNew(user, file, text) && text != "" {
		f.alert(user, text, hint)
	}
	if m.Unwritten > 0 {
		f.alert(user, fmt.Sprintf("products.csv: %d characters that its encoding lacks became “?”", m.Unwritten), "save products.csv as UTF-8")
	}
}

// checkSite looks at what the settings of [site] need besides themselves.
func checkSite(cfg *config.Config) (errs []error) {
	for _, text := range cfg.BothWays() {
		errs = append(errs, ui.InSettings(ui.WithHint(errors.New(cfg.Path+": "+text), "an order goes one way only: write deliver in the [[account]], or the same in both routes")))
	}
	for _, account := range cfg.Unfetched() {
		errs = append(errs, ui.InSettings(ui.WithHint(fmt.Errorf("%s: the orders of account %s wait for 1C, and no [[site.user]] gets them", cfg.Path, account), "add the account to a [[site.user]]")))
	}
	if cfg.Site == nil {
		return errs
	}
	if _, err := loadSiteLayout(cfg); err != nil {
		errs = append(errs, err)
	}
	if _, err := siteCertificate(cfg.Site); err != nil {
		errs = append(errs, err)
	}
	if cfg.Site.Listen == cfg.Web.Listen {
		errs = append(errs, ui.InSettings(ui.WithHint(fmt.Errorf("%s: [site] and [web] listen at %s, which one of them can have", cfg.Path, cfg.Web.Listen), "give one of them another port")))
	}
	return errs
}

// siteNotes are what keeps 1C from fetching orders, though the settings are right.
func siteNotes(cfg *config.Config) (notes []checkNote) {
	if cfg.Site == nil {
		return nil
	}
	note := func(text, hint string) { notes = append(notes, checkNote{words.Plain(text), words.Plain(hint)}) }
	for _, u := range cfg.Site.Users {
		if hash, err := cfg.SiteHash(u.Name); err != nil || hash == nil {
			note("user "+u.Name+" of [site] has no password", "store one: "+cfg.Command("site user set", u.Name))
		}
	}
	for _, name := range cfg.Idle() {
		note("user "+name+" of [site] gets no orders: those of its accounts go by folder", `write deliver = "site" in the [[account]]`)
	}
	if !slices.Contains(cfg.Ways(), config.BySite) {
		note("[site] is there, and no order is delivered by it", `write deliver = "site" under [watch], or in a [[route]] or [[account]]`)
	}
	return notes
}
