package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
)

// Pauses between tries of a message that could not be delivered.
const (
	firstPause = 30 * time.Second
	lastPause  = 30 * time.Minute
)

// queueLimit is how many messages wait for one channel; the oldest goes when there are more.
const queueLimit = 20

// Sender delivers one text to the address of a channel.
type Sender func(ctx context.Context, address, text string) error

// Courier delivers the messages of one channel, one after the other.
type Courier struct {
	Channel Channel
	Send    Sender
	Failed  func(channel string, err error) // told of every try that failed; never with the address
	Changed func(channel string)            // called when a message was delivered

	mu    sync.Mutex
	queue []string
	wake  chan struct{}
}

// NewCourier returns a courier whose messages wait until Run is called.
func NewCourier(c Channel, send Sender, failed func(string, error)) *Courier {
	return &Courier{Channel: c, Send: send, Failed: failed, Changed: func(string) {}, wake: make(chan struct{}, 1)}
}

// Add queues texts and never waits. When too many wait, the oldest are given up.
func (c *Courier) Add(texts ...string) {
	c.mu.Lock()
	c.queue = append(c.queue, texts...)
	c.queue = c.queue[max(0, len(c.queue)-queueLimit):]
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Waiting returns what is not delivered yet.
func (c *Courier) Waiting() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.queue)
}

// Run delivers until the context ends.
func (c *Courier) Run(ctx context.Context) {
	for pause := firstPause; ctx.Err() == nil; {
		next, found := c.first()
		if !found {
			select {
			case <-ctx.Done():
			case <-c.wake:
			}
			continue
		}
		err := c.Send(ctx, c.Channel.URL, next)
		if err == nil {
			c.remove(next)
			c.Changed(c.Channel.Name)
			pause = firstPause
			continue
		}
		if ctx.Err() != nil {
			return
		}
		c.Failed(c.Channel.Name, err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}

func (c *Courier) first() (text string, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return "", false
	}
	return c.queue[0], true
}

// remove takes a delivered text out, unless it was given up meanwhile.
func (c *Courier) remove(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.queue, text); i >= 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
	}
}

// sendTimeout bounds one delivery: a server that takes the connection and says nothing holds up its
// channel only, and not for ever.
const sendTimeout = 30 * time.Second

// Shoutrrr sends by the library of the same name. Its errors may repeat the address, which is secret:
// they are returned without it.
func Shoutrrr(ctx context.Context, address, text string) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- sendByShoutrrr(address, text) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer: %w", ctx.Err())
	}
}

func sendByShoutrrr(address, text string) error {
	sender, err := shoutrrr.NewSender(silence{}, address)
	if err != nil {
		return redact(err, address)
	}
	for _, err := range sender.Send(text, nil) {
		if err != nil {
			return redact(err, address)
		}
	}
	return nil
}

// silence is the log of the library: its lines may have addresses in them.
type silence struct{}

func (silence) Print(...any)          {}
func (silence) Printf(string, ...any) {}
func (silence) Println(...any)        {}

// CheckAddress reports what is wrong with the address of a channel, without repeating it.
func CheckAddress(address string) error {
	if _, err := shoutrrr.NewSender(silence{}, address); err != nil {
		return redact(err, address)
	}
	return nil
}

// Service is the kind of channel that an address is of, such as telegram: no secret.
func Service(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	service, _, _ := strings.Cut(scheme, "+")
	return strings.ToLower(service)
}

// redact keeps an error's words and takes out every secret that its address holds.
func redact(err error, address string) error {
	text := err.Error()
	for _, secret := range secretsOf(address) {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return fmt.Errorf("%s", text)
}

func secretsOf(address string) []string {
	secrets := []string{address}
	u, err := url.Parse(address)
	if err != nil {
		return secrets
	}
	if u.User != nil {
		secrets = append(secrets, u.User.String(), u.User.Username())
		if p, ok := u.User.Password(); ok {
			secrets = append(secrets, p)
		}
	}
	secrets = append(secrets, strings.Split(strings.Trim(u.Path, "/"), "/")...)
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be a part of another
	kept := secrets[:0]
	for _, s := range secrets {
		if len(s) >= 4 {
			kept = append(kept, s)
		}
	}
	return kept
}

// heartbeatTimeout bounds one call, for a dead monitor must hold nothing up.
const heartbeatTimeout = 10 * time.Second

// Heartbeat calls an address while all is well, so that a monitor notices silence. When something
// critical is wrong it calls the address with /fail, as healthchecks.io and its kind expect.
type Heartbeat struct {
	URL    string
	Client *http.Client
}

// Beat reports one round of work.
func (h Heartbeat) Beat(ctx context.Context, healthy bool) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	address := h.URL
	if !healthy {
		address += "/fail"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", redact(err, h.URL))
	}
	answer, err := h.Client.Do(r)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", redact(err, h.URL))
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("heartbeat: the monitor answered %s", answer.Status)
	}
	return nil
}
