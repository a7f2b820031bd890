package site

import (
	"log/slog"
	"net/http"
	"time"
)

// Times for slow clients. A batch is loaded between two requests, never within one.
const (
	headerTime = 10 * time.Second
	readTime   = 5 * time.Minute // for a part of PartLimit over a slow line
	writeTime  = 10 * time.Minute
	idleTime   = 2 * time.Minute
	headerSize = 32 << 10
)

// HTTP returns the server with the bounds that a port needs which others can reach.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // broken connections and TLS handshakes of scanners
	}
}
