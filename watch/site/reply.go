package site

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

const (
	textType = "text/plain; charset=utf-8"
	xmlType  = "application/xml; charset=utf-8"
)

func failure(why string) []byte { return []byte("failure\n" + oneLine(why)) }

// write answers with a body, which is never empty: 1C takes an empty one for an error. It reports
// whether all of it was handed to the network.
func write(w http.ResponseWriter, status int, kind string, body []byte) bool {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return false
	}
	return http.NewResponseController(w).Flush() == nil
}

// bom is what our layouts begin with, and what 1C must not get: it compares the first characters of the
// body with "<?xml".
var bom = []byte("\ufeff")

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, bom) }

func decimal[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// quote makes a client's text harmless in an answer or a message.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most]
	}
	return strconv.Quote(s)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
