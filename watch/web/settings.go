package web

import (
	"net/http"
	"slices"
	"time"

	"obmen/watch/desk"
	"obmen/watch/desk/roles"
	"obmen/watch/desk/words"
)

// settingsPage shows the settings, what is wrong with them, who may log in and who did what.
type settingsPage struct {
	Settings Settings
	Routes   []routeRow
	Checked  bool
	Problems []failure
	Users    []UserRow
	Trail    []desk.Trace
	Started  time.Time // since when they are in force
}

// routeRow are the folders of a route.
type routeRow struct {
	Name, Account                           string
	Inbox, Outbox, Archive, Quarantine, Ack string
}

// Settings are what the page shows of the settings.
type Settings struct {
	File     string   // its path
	Text     string   // as it was read; there are no secrets in it
	Changed  bool     // the file is another one than that which is in force
	Layouts  []string // of the files for 1C
	Accounts []AccountRow
}

// AccountRow is a seller account.
type AccountRow struct {
	Name         string
	Marketplaces []string
	Fetched      bool
	Missing      []string // names of secrets that are not stored
	Secrets      []string // names of all of them
}

// UserRow is who may log in.
type UserRow struct{ Name, Role string }

// shownTrail is how much of the trail is shown.
const shownTrail = 50

var _ = addPage(page{Name: "settings", Place: 80, Role: roles.Admin, Fill: func(v *visit) (any, error) {
	p := &settingsPage{Settings: v.server.Outside.Settings(), Users: v.server.Outside.Users(), Started: v.server.started}
	for i := range v.desk.Routes {
		r := &v.desk.Routes[i]
		p.Routes = append(p.Routes, routeRow{r.Name, r.Account, r.Inbox, r.Outbox, r.Archive, r.Quarantine, r.Ack})
	}
	if p.Checked = v.field("check") != ""; p.Checked {
		for _, err := range v.server.Outside.Check() {
			p.Problems = append(p.Problems, v.failure(err))
		}
	}
	var err error
	p.Trail, err = v.desk.Trail(v.ctx(), desk.Page{Limit: shownTrail})
	return p, err
}})

var _ = addAction(action{Path: "settings/apply", Role: roles.Admin, Do: func(v *visit) (string, error) {
	wrong, err := v.desk.ApplySettings(v.ctx(), v.server.Outside.Apply)
	if err != nil {
		return "/settings", err
	}
	if len(wrong) == 0 {
		v.render(http.StatusOK, "applied", v.server.stamp())
		return answered, nil
	}
	v.session.addNotice(notice{Err: words.Refuse(words.New("web.settings.not-applied"), words.New("web.settings.mend"))})
	for _, one := range wrong {
		v.session.addNotice(notice{Err: one})
	}
	return "/settings", nil
}})

// startPage is the guide for the first ten minutes.
type startPage struct {
	Folders   []string // of the routes, where files are dropped
	Products  int      // in the catalogs
	Broken    *failure // the catalogs cannot be read
	Accounts  []AccountRow
	Checked   string // what fetch --check said, of the account Of
	Of        string
	Files     int // that were read
	Delivered bool
	Settings  Settings
	Targets   []string
}

// targets are the configurations of 1C that the guide knows settings for.
var targets = []string{"ut", "unf", "rest"}

var _ = addPage(page{Name: "start", Place: 90, Role: roles.Admin, Fill: func(v *visit) (any, error) {
	p := &startPage{Settings: v.server.Outside.Settings(), Targets: targets}
	for _, a := range p.Settings.Accounts {
		if a.Fetched {
			p.Accounts = append(p.Accounts, a)
		}
	}
	for i := range v.desk.Routes {
		p.Folders = append(p.Folders, v.desk.Routes[i].Inbox)
	}
	if cat, err := v.desk.Catalog(); err != nil {
		f := v.failure(err)
		p.Broken = &f
	} else {
		p.Products, _ = cat.Len()
	}
	status, err := v.desk.Status(v.ctx(), desk.StatusOptions{})
	if err != nil {
		return nil, err
	}
	p.Files = status.Totals.Files["done"]
	p.Delivered = status.Totals.Sets["taken"]+status.Totals.Sets["loaded"] > 0
	p.Of, p.Checked = v.session.takeCheck()
	return p, nil
}})

var _ = addAction(action{Path: "start/secrets", Role: roles.Admin, Do: func(v *visit) (string, error) {
	account := v.field("account")
	i := slices.IndexFunc(v.server.Outside.Settings().Accounts, func(a AccountRow) bool { return a.Name == account })
	if i < 0 {
		return "/start", words.Refuse(words.New("web.start.no-account"), words.New("files.look-again"))
	}
	values := map[string]string{}
	for _, name := range v.server.Outside.Settings().Accounts[i].Secrets {
		if value := v.field("secret-" + name); value != "" {
			values[name] = value
		}
	}
	if len(values) == 0 {
		return "/start", words.Refuse(words.New("web.start.no-secret"), words.New("web.start.type-them"))
	}
	if err := v.desk.StoreSecrets(v.ctx(), account, func() error { return v.server.Outside.StoreSecrets(account, values) }); err != nil {
		return "/start", err
	}
	v.tell(words.New("web.start.stored", "Account", account))
	return "/start#fetch", nil
}})

var _ = addAction(action{Path: "start/check", Role: roles.Admin, Do: func(v *visit) (string, error) {
	account := v.field("account")
	text := v.server.Outside.CheckFetch(v.ctx(), account, v.words.Language)
	v.session.setCheck(account, text)
	return "/start#fetch", nil
}})

func (s *session) setCheck(account, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.checkOf, s.checked = account, text
}

// takeCheck returns what the last check of fetching said.
func (s *session) takeCheck() (account, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checkOf, s.checked
}
