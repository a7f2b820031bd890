// Package service runs obmen under the system's own supervisor: systemd on Linux, the service manager
// on Windows.
package service

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kardianos/service"
)

// DefaultName is the name of the service.
const DefaultName = "obmen"

// VirtualAccount is the account of a Windows service that has its own rights only: Windows makes it.
const VirtualAccount = `NT SERVICE\`

// Definition is a service as it is installed.
type Definition struct {
	Name     string // empty: DefaultName
	Program  string // absolute
	Settings string // absolute path of obmen.toml
	User     string // empty: the virtual account on Windows, root on Linux
	Password string // of User, on Windows
	Folders  []string
}

// State is how a service stands.
type State string

// The states of a service.
const (
	Running      State = "running"
	Stopped      State = "stopped"
	NotInstalled State = "not-installed"
	Unknown      State = "unknown"
)

// Manager installs and controls a service by the system's own means.
type Manager struct{ service service.Service }

// NewManager returns the manager of a service. What is installed already needs its name only.
func NewManager(d Definition) (*Manager, error) {
	if d.Name == "" {
		d.Name = DefaultName
	}
	s, err := service.New(idle{}, d.config())
	if err != nil {
		return nil, err
	}
	return &Manager{s}, nil
}

// config is the definition in the words of the library.
func (d *Definition) config() *service.Config {
	c := &service.Config{
		Name: d.Name, DisplayName: "obmen", Description: "obmen: marketplace orders to 1C", Executable: d.Program,
		Arguments: []string{"watch", "--config", d.Settings}, UserName: d.User,
		Option: service.KeyValue{},
	}
	if runtime.GOOS != "windows" {
		c.Option["SystemdScript"] = d.Unit()
		return c
	}
	if c.UserName == "" {
		c.UserName = VirtualAccount + d.Name
	}
	c.Dependencies = []string{"Tcpip", "LanmanWorkstation"} // shares need both
	c.Option["Password"] = d.Password
	c.Option["StartType"] = "automatic"
	c.Option["DelayedAutoStart"] = true
	c.Option["OnFailure"] = "restart"
	c.Option["OnFailureDelayDuration"] = "10s"
	c.Option["OnFailureResetPeriod"] = 24 * 60 * 60
	return c
}

// Install makes the service known; it starts with the system.
func (m *Manager) Install() error { return m.service.Install() }

// Uninstall removes the service; settings and folders stay.
func (m *Manager) Uninstall() error { return m.service.Uninstall() }

// Start starts the service.
func (m *Manager) Start() error { return m.service.Start() }

// Stop stops the service and waits until it has stopped.
func (m *Manager) Stop() error { return m.service.Stop() }

// Restart stops and starts the service.
func (m *Manager) Restart() error { return m.service.Restart() }

// State returns how the service stands.
func (m *Manager) State() (State, error) {
	status, err := m.service.Status()
	switch {
	case err == service.ErrNotInstalled: //nolint:errorlint // the library compares so, too
		return NotInstalled, nil
	case err != nil:
		return Unknown, err
	case status == service.StatusRunning:
		return Running, nil
	}
	return Stopped, nil
}

// idle is the program of a service that is only installed or controlled.
type idle struct{}

func (idle) Start(service.Service) error { return nil }
func (idle) Stop(service.Service) error  { return nil }

// Unit returns the unit of systemd: as closed as that of the packages, but for the folders of the exchange.
func (d *Definition) Unit() string {
	var writable []string
	home := "yes"
	for _, dir := range d.Folders {
		if !slices.Contains(writable, dir) {
			writable = append(writable, dir)
		}
		if within(dir, "/home") || within(dir, "/root") || within(dir, "/run/user") {
			home = "no"
		}
	}
	if within(d.Program, "/home") || within(d.Program, "/root") || within(d.Settings, "/home") || within(d.Settings, "/root") {
		home = "no"
	}
	user := ""
	if d.User != "" {
		user = "User=" + d.User + "\n"
	}
	paths := ""
	for _, dir := range writable {
		paths += "ReadWritePaths=" + quoteUnit(dir) + "\n"
	}
	return fmt.Sprintf(unit, quoteUnit(d.Program), quoteUnit(d.Settings), user, paths, home)
}

func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// quoteUnit is a path as systemd.syntax(7) quotes it. The library would read braces as its own.
func quoteUnit(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$").Replace(path) + `"`
}

const unit = `[Unit]
Description=obmen: marketplace orders to 1C
Wants=network-online.target
After=network-online.target remote-fs.target

[Service]
Type=notify
ExecStart=%s watch --config %s
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=4
WatchdogSec=120
TimeoutStopSec=60
%sUMask=0027
%sProtectHome=%s
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
ProtectHostname=yes
ProtectClock=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`

// What a log tells of the beginning and the end of a run; these records go into the event log of Windows.
const (
	Started = "obmen has started"
	Ended   = "obmen has ended"
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
