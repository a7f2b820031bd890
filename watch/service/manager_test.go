package service_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"obmen/watch/service"
)

func TestUnit(t *testing.T) {
	d := service.Definition{
		Program: "/usr/local/bin/obmen", Settings: "/srv/my exchange/obmen.toml", User: "obmen",
		Folders: []string{"/srv/my exchange/inbox", "/mnt/1c/outbox", "/mnt/1c/outbox"},
	}
	unit := d.Unit()
	for _, want := range []string{
		`ExecStart="/usr/local/bin/obmen" watch --config "/srv/my exchange/obmen.toml"`, "User=obmen\n", "ProtectHome=yes", "ExecReload=",
		`ReadWritePaths="/srv/my exchange/inbox"`, `ReadWritePaths="/mnt/1c/outbox"`, "After=network-online.target remote-fs.target",
	} {
		if !strings.Contains(unit, want) {
			t.Errorf("no %s in\n%s", want, unit)
		}
	}
	if strings.Count(unit, "/mnt/1c/outbox") != 1 {
		t.Error("a folder is named twice")
	}
	d.Folders = append(d.Folders, "/home/anna/orders")
	if !strings.Contains(d.Unit(), "ProtectHome=no") {
		t.Error("the service cannot see a folder below /home")
	}
}

func TestSystemdTakesTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("missing: systemd-analyze (Debian: systemd); skipped: the unit of obmen service install")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "obmen-test.service")
	d := service.Definition{Program: "/bin/true", Settings: filepath.Join(dir, "obmen.toml"), Folders: []string{dir}}
	if err := os.WriteFile(file, []byte(d.Unit()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || strings.Contains(string(out), "obmen-test") {
		t.Errorf("%v\n%s", err, out)
	}
}
