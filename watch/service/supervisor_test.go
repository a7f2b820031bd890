package service_test

import (
	"net"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"obmen/watch/service"
)

func TestSystemdHearsWhatIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("systemd is Linux's")
	}
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := service.NewSupervisor(func(name string) string {
		return map[string]string{"NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "120000000"}[name]
	})
	if s.Watchdog != 2*time.Minute {
		t.Errorf("watchdog %v", s.Watchdog)
	}
	for want, tell := range map[string]func() error{
		"READY=1":                  s.Ready,
		"STOPPING=1":               s.Stopping,
		"WATCHDOG=1":               s.Alive,
		"STATUS=waiting: no share": func() error { return s.Status("waiting:\nno share") },
	} {
		if err := tell(); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 100)
		n, err := l.Read(b)
		if err != nil || string(b[:n]) != want {
			t.Errorf("%q, %v; want %q", b[:n], err, want)
		}
	}
}

func TestWithoutSystemdNothingIsTold(t *testing.T) {
	s := service.NewSupervisor(func(string) string { return "" })
	if err := s.Ready(); err != nil {
		t.Error(err)
	}
}
