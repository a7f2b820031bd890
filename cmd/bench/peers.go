package main

import (
	"os/exec"
	"path/filepath"
)

// The programs that a user would otherwise write, and what they need: Debian's python3-lxml and
// python3-openpyxl; nodejs, and exceljs from npm, which .ci/bench puts into the cache folder.
const (
	peersDir = "cmd/bench/peers"
	debian   = "/usr/bin/python3"
)

func (b *bench) python() program {
	return b.peer("Python", exec.Command(debian, "-c", "import lxml, openpyxl"), "python3-lxml and python3-openpyxl", debian, "orders.py")
}

func (b *bench) node() program {
	return b.peer("Node", exec.Command("node", "-e", "require('exceljs')"), "nodejs, and exceljs in NODE_PATH", "node", "orders.js")
}

// peer runs a script over the one file of orders; the probe tells whether it can.
func (b *bench) peer(name string, probe *exec.Cmd, needs, interpreter, script string) program {
	p := program{name: name, command: func(data, out string) *exec.Cmd {
		files, _ := filepath.Glob(filepath.Join(data, "orders", "*")) // the pattern is sound
		return exec.Command(interpreter, append([]string{filepath.Join(peersDir, script)}, append(files, filepath.Join(data, "catalogs"), out)...)...)
	}}
	switch err := probe.Run(); {
	case !b.peers:
		p.missing = "left out"
	case err != nil:
		p.missing = "missing here: " + needs
	}
	return p
}
