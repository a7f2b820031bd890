package spapi

import (
	"runtime"
	"strings"
)

// maxUserAgent is what Amazon takes; anything longer is refused (facts, amazon 2.2).
const maxUserAgent = 500

// UserAgent is the header that Amazon asks of every client: the app's name and version, the language, the
// platform. What has a meaning in the header is escaped (facts, amazon 2.2).
func UserAgent(app, version string) string {
	return escapeHeader(app, `/`) + "/" + escapeHeader(version, `(`) +
		" (Language=Go/" + escapeHeader(strings.TrimPrefix(runtime.Version(), "go"), `);`) +
		"; Platform=" + escapeHeader(runtime.GOOS, `);`) + ")"
}

// escapeHeader puts a backslash before each of the special bytes, and before a backslash. What a header cannot
// carry becomes "_".
func escapeHeader(s, special string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < ' ' || r > '~':
			r = '_'
		case r == '\\' || strings.ContainsRune(special, r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
