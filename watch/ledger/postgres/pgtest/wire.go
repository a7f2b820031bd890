package pgtest

import (
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// socketName is the name of a server's socket in its folder.
const socketName = ".s.PGSQL.5432"

// Wire is a way to a server that can be cut: then nothing arrives any more, and no side hears of it.
type Wire struct {
	dir    string
	server *Server

	mu    sync.Mutex
	whole chan struct{} // closed when the wire is whole
	conns []net.Conn
}

// NewWire lays a wire to the server.
func NewWire(t testing.TB, s *Server) *Wire {
	t.Helper()
	w := &Wire{dir: t.TempDir(), server: s, whole: make(chan struct{})}
	close(w.whole)
	listener, err := net.Listen("unix", filepath.Join(w.dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
	return w
}

// Address is Server.Address by the wire.
func (w *Wire) Address(schema string) string { return addressAt(w.dir, schema) }

// Cut cuts the wire.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = make(chan struct{})
}

// Mend makes the wire whole. What was on its way is lost, with its connection.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
	close(w.whole)
}

func (w *Wire) carry(c net.Conn) {
	w.wait()
	to, err := net.Dial("unix", filepath.Join(w.server.dir, socketName))
	if err != nil {
		c.Close()
		return
	}
	w.mu.Lock()
	w.conns = append(w.conns, c, to)
	w.mu.Unlock()
	go w.pump(to, c)
	w.pump(c, to)
}

// pump carries bytes one way.
func (w *Wire) pump(to io.WriteCloser, from io.ReadCloser) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		w.wait()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait returns when the wire is whole.
func (w *Wire) wait() {
	w.mu.Lock()
	whole := w.whole
	w.mu.Unlock()
	<-whole
}
