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
	"regexp"
	"strconv"
	"strings"
	"time"

	"obmen/cmd/bench/generate"
)

// runOptions say what to measure. The sizes are those of the table of goals; quick makes all of them small.
type runOptions struct {
	orders, big, files int
	history            int // orders that a ledger with a history has
	peerOrders         int // orders of the jobs of scripts, which take minutes for those of the usual jobs
	runs               int
	dir                string // data and outputs; kept between runs of bench, on the disk that is to be measured
	only               *regexp.Regexp
	peers              bool
	stages             string // output of go test -bench, for the second table
	write              string // file that gets the tables; standard output otherwise
}

// bench has the programs that were built, and what was asked for.
type bench struct {
	runOptions
	self, obmen, nosync string          // binaries
	planned             map[string]bool // data folders whose limit is known
	longTable           string          // what a long history costs
}

// build makes the binaries; obmen as it is shipped, and once more so that it waits for no disk.
func (b *bench) build(ctx context.Context) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	bin := filepath.Join(b.dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	b.obmen, b.nosync = filepath.Join(bin, "obmen"), filepath.Join(bin, "obmen-nosync")
	for path, tags := range map[string]string{b.obmen: "", b.nosync: "nosync"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", tags, "-o", path, "./cmd/obmen")
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build obmen: %w\n%s", err, out)
		}
	}
	return nil
}

const (
	formatJSON   = "amazon-orders-2026-01-01"
	formatReport = "amazon-all-orders"
)

func (b *bench) jobs() []job {
	all := []program{b.limit(), b.convert(), b.python(), b.node()}
	usual := all
	var list []job
	if b.peerOrders > 0 && b.peerOrders != b.orders {
		usual = all[:2]
		list = b.both(b.peerOrders, all)
	}
	list = append(b.both(b.orders, usual), list...)
	return append(list, []job{
		{name: number(b.big) + " orders, Orders API JSON", orders: b.big, files: 1, format: formatJSON, programs: all[:2]},
		{name: number(b.files) + " files of one order, watched", orders: b.files, files: b.files, format: formatJSON, programs: []program{b.watch("without fsync", b.nosync), b.watch("obmen", b.obmen)}},
		{name: "start: one order", orders: 1, files: 1, format: formatJSON, programs: []program{b.start()}},
	}...)
}

// both are the jobs of a size in the two formats that most people have.
func (b *bench) both(orders int, programs []program) []job {
	return []job{
		{name: number(orders) + " orders, Orders API JSON", orders: orders, files: 1, format: formatJSON, programs: programs},
		{name: number(orders) + " orders, All Orders report", orders: orders, files: 1, format: formatReport, programs: programs},
	}
}

// data makes the orders of a job and the catalogs, unless an earlier run has.
func (b *bench) data(j job) (string, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("data-%s-%d-%d-%s", j.format, j.orders, j.files, generate.Version))
	done := filepath.Join(dir, "complete")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	log.Printf("  makes %s", dir)
	o := generateOptions{orders: j.orders, files: j.files, format: j.format, products: generate.Products, customers: generate.Customers, out: dir}
	return dir, errors.Join(os.RemoveAll(dir), runGenerate(o), os.WriteFile(done, nil, 0o644))
}

func (b *bench) convert() program {
	return program{name: "obmen", command: func(data, out string) *exec.Cmd {
		return exec.Command(b.obmen, "convert", "--config", filepath.Join(data, "obmen.toml"), "--catalogs", filepath.Join(data, "catalogs"), "--out", out, filepath.Join(data, "orders"))
	}}
}

// start is convert with an order: what the catalogs and the rest of a start take.
func (b *bench) start() program {
	p := b.convert()
	p.name = "obmen, " + number(generate.Products) + " products"
	return p
}

// limit writes what obmen would write; an uncounted run of it tells how much that is.
func (b *bench) limit() program {
	plan := func(data string) string { return filepath.Join(data, "plan") }
	return program{
		name: "limit",
		prepare: func(data, out string) error {
			if _, err := os.Stat(filepath.Join(plan(data), sheetPattern)); err == nil && b.planned[data] {
				return nil
			}
			if _, err := b.process(context.Background(), &program{command: b.convert().command}, data, out+"-plan"); err != nil {
				return err
			}
			b.planned[data] = true
			return errors.Join(makePlan(out+"-plan", plan(data)), os.RemoveAll(out+"-plan"))
		},
		command: func(data, out string) *exec.Cmd {
			return exec.Command(b.self, "limit", "--orders", filepath.Join(data, "orders"), "--plan", plan(data), "--out", out)
		},
	}
}

// watch takes small files through the whole pipeline: inbox to archive, ledger and all.
func (b *bench) watch(name, binary string) program {
	return program{
		name: name,
		prepare: func(data, out string) error {
			if words, err := exec.Command(binary, "init", out).CombinedOutput(); err != nil {
				return fmt.Errorf("init: %w\n%s", err, words)
			}
			settings := "[watch]\nsettle = \"10ms\"\npoll = \"10ms\"\n\n" + generate.Settings
			return errors.Join(
				os.RemoveAll(filepath.Join(out, "catalogs")), // where init has put empty ones
				os.WriteFile(filepath.Join(out, "obmen.toml"), []byte(settings), 0o644),
				os.CopyFS(filepath.Join(out, "inbox"), os.DirFS(filepath.Join(data, "orders"))),
				os.CopyFS(filepath.Join(out, "catalogs"), os.DirFS(filepath.Join(data, "catalogs"))),
			)
		},
		command: func(_, out string) *exec.Cmd {
			return exec.Command(binary, "watch", "--once", "--config", filepath.Join(out, "obmen.toml"))
		},
	}
}

// number is 100000 as "100,000".
func number(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/1000), n%1000)
}

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
