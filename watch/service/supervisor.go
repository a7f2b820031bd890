package service

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// Supervisor tells systemd how a service of Type=notify is doing: sd_notify(3). The zero value, and any
// program that systemd has not started, tells nothing.
type Supervisor struct {
	Socket   string        // $NOTIFY_SOCKET: a path, or @NAME in Linux's abstract name space
	Watchdog time.Duration // $WATCHDOG_USEC: systemd kills a service that is silent for longer; 0: never
}

// NewSupervisor returns the supervisor that systemd's environment names.
func NewSupervisor(getenv func(string) string) Supervisor {
	s := Supervisor{Socket: getenv("NOTIFY_SOCKET")}
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		s.Watchdog = time.Duration(us) * time.Microsecond
	}
	return s
}

// Ready reports that the start is over.
func (s Supervisor) Ready() error { return s.send("READY=1") }

// Reloading reports that settings are read again; Ready ends it.
func (s Supervisor) Reloading() error { return s.send("RELOADING=1") }

// Stopping reports that the service is ending.
func (s Supervisor) Stopping() error { return s.send("STOPPING=1") }

// Alive keeps the watchdog quiet. It is due every half of Watchdog.
func (s Supervisor) Alive() error { return s.send("WATCHDOG=1") }

// Status sets the line that `systemctl status` shows.
func (s Supervisor) Status(line string) error {
	return s.send("STATUS=" + strings.ReplaceAll(line, "\n", " "))
}

func (s Supervisor) send(state string) error {
	if s.Socket == "" {
		return nil
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.Socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell systemd %q: %w", state, err)
	}
	_, err = c.Write([]byte(state))
	return errors.Join(err, c.Close())
}
