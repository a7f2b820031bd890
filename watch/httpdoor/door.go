// Package httpdoor is what the servers of obmen have in common that others can reach: passwords, and bounds for those who
// guess them or open connections without end.
package httpdoor

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// HashPassword returns what is kept of a password. It is at least 8 and at most 72 bytes long.
func HashPassword(password []byte) ([]byte, error) {
	if len(password) < 8 {
		return nil, errShortPassword
	}
	hash, err := bcrypt.GenerateFromPassword(password, bcrypt.DefaultCost)
	if errors.Is(err, bcrypt.ErrPasswordTooLong) {
		return nil, errLongPassword
	}
	return hash, err
}

var (
	errShortPassword = errors.New("the password has fewer than 8 characters")
	errLongPassword  = errors.New("the password has more than 72 bytes")
)

const (
	// WrongDelay is how long the answer to a wrong login takes at least. The name is never locked: the right
	// password gets through at any time.
	WrongDelay = time.Second
	// mostChecks bounds the passwords that are checked at a time: each keeps a core busy for a moment.
	mostChecks = 2
	// mostWrong bounds the wrong logins that are being delayed; any more is answered at once with 429.
	mostWrong = 100
)

// decoy is a hash of bcrypt.DefaultCost that an unknown name's password is compared with, so that it takes
// as long as a known one's. A match counts for nothing.
const decoy = "$2a$10$qqI7pFRCH7DsG3ia37XvpeimeJq.aE9L.6Qcmefq97vVSYSxKdkyi"

// Logins checks names and passwords. Its zero value is ready.
type Logins struct {
	once   sync.Once
	secret []byte        // of this run, for proven
	checks chan struct{} // a place for each check that runs
	wrong  chan struct{} // likewise for each answer that is delayed

	mu     sync.Mutex
	proven map[string][sha256.Size]byte // by user: of the last right login
}

func (l *Logins) prepare() {
	l.secret = []byte(rand.Text())
	l.checks = make(chan struct{}, mostChecks)
	l.wrong = make(chan struct{}, mostWrong)
	l.proven = map[string][sha256.Size]byte{}
}

// Check reports whether a password belongs to a user whose hash is given, nil for an unknown one. One
// that was right before is known again without the slow hash: it passes at once while others guess.
func (l *Logins) Check(ctx context.Context, user string, password, hash []byte) bool {
	l.once.Do(l.prepare)
	proof := l.proof(user, password, hash)
	if l.provenBefore(user, proof) {
		return true
	}
	select {
	case l.checks <- struct{}{}:
		defer func() { <-l.checks }()
	case <-ctx.Done():
		return false
	}
	if hash == nil {
		_ = bcrypt.CompareHashAndPassword([]byte(decoy), password)
		return false
	}
	if bcrypt.CompareHashAndPassword(hash, password) != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.proven[user] = proof
	return true
}

func (l *Logins) provenBefore(user string, proof [sha256.Size]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before, known := l.proven[user]
	return known && hmac.Equal(before[:], proof[:])
}

// proof depends on the hash as well: a new password ends the old one.
func (l *Logins) proof(user string, password, hash []byte) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, l.secret)
	for _, part := range [][]byte{[]byte(user), hash, password} {
		one := sha256.Sum256(part)
		h.Write(one[:])
	}
	h.Sum(sum[:0])
	return sum
}

// Delay waits after a wrong login. It reports whether it did: not when too many wait already.
func (l *Logins) Delay(ctx context.Context) bool {
	select {
	case l.wrong <- struct{}{}:
		defer func() { <-l.wrong }()
	default:
		return false
	}
	wait := time.NewTimer(WrongDelay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
	return true
}

// mostConnections bounds the connections that are open; more wait.
const mostConnections = 200

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
