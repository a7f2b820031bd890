package config

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"obmen/watch/desk/roles"
)

// WebListen is where the page is served unless the settings say otherwise: this machine alone reaches it.
const WebListen = "127.0.0.1:8270"

// webVariable is the environment's choice of an address for the page; it counts before the one of obmen.toml.
const webVariable = "OBMEN_WEB"

// off is the address of a page that is not served.
const off = "off"

// Web is the page that watch serves.
type Web struct {
	Listen       string // address and port; empty when the page is not served
	Cert, Key    string // PEM files; empty without TLS
	BehindProxy  bool   // a proxy before it speaks TLS
	Hosts        []string
	ShowPersonal bool // buyers' data is shown to who may work
}

// Local reports whether only this machine reaches the page.
func (w *Web) Local() bool { return isLocal(w.Listen) }

// webSection is the shape of [web].
type webSection struct {
	Listen       string   `toml:"listen"`
	Cert         string   `toml:"tls_cert"`
	Key          string   `toml:"tls_key"`
	BehindProxy  bool     `toml:"behind_proxy"`
	Hosts        []string `toml:"hosts"`
	ShowPersonal bool     `toml:"show_personal"`
}

// defaultWeb is the page without settings.
func defaultWeb() Web { return Web{Listen: WebListen} }

// checkWeb checks [web]. A page that others reach needs TLS: passwords and buyers' data would cross the network in the
// open.
func (c *checker) checkWeb(w *Web, s *webSection) {
	add := c.problemsOf("web")
	listen := s.Listen
	if given := os.Getenv(webVariable); given != "" {
		listen = given
	}
	if listen != "" {
		w.Listen = listen
	}
	if w.Listen == off {
		w.Listen = ""
	}
	w.BehindProxy, w.Hosts, w.ShowPersonal = s.BehindProxy, s.Hosts, s.ShowPersonal
	w.Cert, w.Key = c.checkCertificate(add, s.Cert, s.Key, "page")
	c.checkListen(add, w.Listen, w.Cert != "" || w.BehindProxy,
		`write "127.0.0.1:8270", ":8270" for all addresses of this machine, or "off"`,
		"others can reach this address, and passwords would cross the network in the open")
}

// WebUser is a person who logs in to the page with a password.
type WebUser struct {
	Name string
	Role roles.Role
	Hash []byte // of the password
}

// webRole is the name of a user's role among the secrets, beside the hash.
const webRole = "role"

// webPrefix keeps users of the page and accounts apart in the file of secrets: no account has a colon.
const webPrefix = "web:"

// StoreWebUser keeps a user of the page.
func (c *Config) StoreWebUser(u WebUser, now time.Time, machine bool) error {
	return StoreSecrets(c.SecretsFile(), webPrefix+strings.ToLower(u.Name), map[string]string{passwordHash: string(u.Hash), webRole: u.Role.String()}, now, machine)
}

// RemoveWebUser takes a user of the page away; it reports whether there was one.
func (c *Config) RemoveWebUser(name string, machine bool) (bool, error) {
	return RemoveSecrets(c.SecretsFile(), webPrefix+strings.ToLower(name), machine)
}

// WebUsers returns the users of the page, by name. It reads the file each time, so that a new one counts at once.
func (c *Config) WebUsers() (list []WebUser, err error) {
	for _, path := range c.secretFiles() {
		file, err := ReadSecrets(path)
		if err != nil {
			return nil, err
		}
		for key, values := range file {
			name, is := strings.CutPrefix(key, webPrefix)
			role, known := roles.ParseRole(values[webRole])
			if is && known && values[passwordHash] != "" && !slices.ContainsFunc(list, func(u WebUser) bool { return u.Name == name }) {
				list = append(list, WebUser{name, role, []byte(values[passwordHash])})
			}
		}
	}
	slices.SortFunc(list, func(a, b WebUser) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// WebUserOf finds a user of the page by name; a nil hash for an unknown one.
func (c *Config) WebUserOf(name string) (WebUser, error) {
	list, err := c.WebUsers()
	if i := slices.IndexFunc(list, func(u WebUser) bool { return strings.EqualFold(u.Name, name) }); i >= 0 {
		return list[i], err
	}
	return WebUser{}, err
}

// checkCertificate returns the paths of a certificate and its key, which are both there or both absent.
func (c *checker) checkCertificate(add func(key, value, text, hint string), cert, key, name string) (string, string) {
	if (cert == "") != (key == "") {
		add("tls_cert", cert, "certificate and key go together", fmt.Sprintf("write both: tls_cert = %q and tls_key = %q", name+".crt", name+".key"))
	}
	for _, path := range []*string{&cert, &key} {
		if *path != "" {
			*path = c.makeAbsolute(*path)
		}
	}
	return cert, key
}

// checkListen refuses an address without a port, and, with the words of danger, to send secrets over a network in the
// open. An empty address is none.
func (c *checker) checkListen(add func(key, value, text, hint string), listen string, sealed bool, example, danger string) {
	if listen == "" {
		return
	}
	_, port, err := net.SplitHostPort(listen)
	switch {
	case err != nil || port == "":
		add("listen", listen, "not an address with a port", example)
	case !sealed && !isLocal(listen):
		add("listen", listen, danger,
			"add tls_cert and tls_key, or behind_proxy = true where a proxy before it speaks TLS")
	}
}

// isLocal reports whether only this machine reaches an address with a port.
func isLocal(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	return err == nil && isLoopback(host)
}
