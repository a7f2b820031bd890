package site

import (
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Times for slow clients. A batch is loaded between two requests, never within one.
const (
	headerTime = 10 * time.Second
	readTime   = 5 * time.Minute // for a part of PartLimit over a slow line
	writeTime  = 10 * time.Minute
	idleTime   = 2 * time.Minute
	headerSize = 32 << 10
	// mostConnections bounds the connections that are open; more wait.
	mostConnections = 200
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

// Limit bounds the connections of a listener.
func Limit(l net.Listener) net.Listener {
	return &limited{Listener: l, places: make(chan struct{}, mostConnections), closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &counted{Conn: c, leave: func() { <-l.places }}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type counted struct {
	net.Conn
	once  sync.Once
	leave func()
}

func (c *counted) Close() error {
	defer c.once.Do(c.leave)
	return c.Conn.Close()
}
