package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// job is one piece of work that several programs do. The first program is what the others are compared
// with.
type job struct {
	name     string
	orders   int
	files    int    // over which they are spread
	format   string // source format
	programs []program
}

// program does a job.
type program struct {
	name string
	// command reads orders and catalogs of the folder data and writes into out, which it makes.
	command func(data, out string) *exec.Cmd
	// prepare readies out before the clock runs; it may be nil.
	prepare func(data, out string) error
	missing string // why it cannot run here
	rounds  int    // when not those of the others
}

// sample is what one process took.
type sample struct {
	wall, cpu time.Duration
	peak      int64
}

// result is what all processes of a job took, by program; runs of one round have one index.
type result struct {
	job
	input int64 // bytes
	runs  [][]sample
}

// keepOrders is the largest job whose outputs stay until its last round: those of larger ones would fill
// the disk, and are few files.
const keepOrders = 200_000

// measure lets the programs of a job take turns. Outputs are only moved aside between rounds: ext4 takes
// long to make files for a minute after many were removed.
func (b *bench) measure(ctx context.Context, j job) (*result, error) {
	data, err := b.data(j)
	if err != nil {
		return nil, err
	}
	old := filepath.Join(b.dir, "old")
	defer os.RemoveAll(old)
	r := &result{job: j, runs: make([][]sample, len(j.programs))}
	if r.input, err = folderSize(filepath.Join(data, "orders")); err != nil {
		return nil, err
	}
	for round := range b.runs {
		for i := range j.programs {
			p := &j.programs[(i+round)%len(j.programs)] // nobody always comes after the same one
			if p.missing != "" || p.rounds > 0 && round >= p.rounds {
				continue
			}
			out := filepath.Join(old, strconv.Itoa(round), strings.ReplaceAll(p.name, " ", "-"))
			one, err := b.process(ctx, p, data, out)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			if j.orders > keepOrders {
				if err := os.RemoveAll(out); err != nil {
					return nil, err
				}
			}
			at := (i + round) % len(j.programs)
			r.runs[at] = append(r.runs[at], one)
			log.Printf("  %d  %-16s %7.2f s  %7.2f s CPU  %5d MB", round+1, p.name, one.wall.Seconds(), one.cpu.Seconds(), one.peak>>20)
		}
	}
	return r, nil
}

// process runs a program once. Exit code 3 is as it should be: some orders have products that the catalogs
// lack.
func (b *bench) process(ctx context.Context, p *program, data, out string) (sample, error) {
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return sample{}, err
	}
	if p.prepare != nil {
		if err := p.prepare(data, out); err != nil {
			return sample{}, err
		}
	}
	syncDisks()
	cmd := p.command(data, out)
	var words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &words, &words
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() })
	defer stop()
	err := cmd.Wait()
	took := time.Since(start)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return sample{}, cmp.Or(ctx.Err(), fmt.Errorf("%w\n%s", err, tail(words.String(), 2000)))
	}
	s := cmd.ProcessState
	return sample{took, s.UserTime() + s.SystemTime(), peak(s)}, nil
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func folderSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

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

// peer runs a script over the one file of orders; the probe ends well where it can run.
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
