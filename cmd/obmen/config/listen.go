package config

import (
	"fmt"
	"net"
)

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
