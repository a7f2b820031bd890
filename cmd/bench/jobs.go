package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

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
