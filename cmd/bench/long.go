package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/cmd/bench/generate"
)

// long measures what a long history costs: the same exchange twice, with and without it.
type long struct {
	*bench
	dir         string
	fresh, full string // the exchanges
	rows        []longRow
}

// longRow is one figure with and without a history.
type longRow struct {
	what        string
	unit        string
	fresh, full float64
}

const (
	longOrders   = 1000    // that both exchanges have, in files of five; a fifth of them is held
	longProducts = 180_000 // in the catalog, of 200,000
	longFiles    = 500     // small files of one order
)

// measureLong makes both exchanges and measures them in turns.
func (b *bench) measureLong(ctx context.Context) (string, error) {
	dir := filepath.Join(b.dir, "long")
	l := &long{bench: b, dir: dir, fresh: filepath.Join(dir, "fresh"), full: filepath.Join(dir, "full")}
	if err := l.prepare(ctx); err != nil {
		return "", err
	}
	for _, command := range [][]string{{"status"}, {"held"}, {"explain", historyOrder(b.history / 2)}} {
		if err := l.commands(ctx, command); err != nil {
			return "", err
		}
	}
	if err := l.pages(ctx); err != nil {
		return "", err
	}
	if err := l.smallFiles(ctx); err != nil {
		return "", err
	}
	return l.table(), nil
}

// pageSettings are those of a watcher that does not hurry.
const pageSettings = "page.toml"

// prepare makes an exchange that has held orders, and its copy with a history.
func (l *long) prepare(ctx context.Context) error {
	if err := os.RemoveAll(l.dir); err != nil {
		return err
	}
	if words, err := exec.CommandContext(ctx, l.obmen, "init", l.fresh).CombinedOutput(); err != nil {
		return fmt.Errorf("init: %w\n%s", err, words)
	}
	page := "ack_within = \"36h\"\n\n[web]\nlisten = \"127.0.0.1:0\"\n\n" + generate.Settings
	catalogs, inbox := filepath.Join(l.fresh, "catalogs"), filepath.Join(l.fresh, "inbox")
	format, err := generate.FormatNamed(formatJSON)
	if err == nil {
		err = errors.Join(
			os.RemoveAll(catalogs), writeCatalogs(catalogs, longProducts, generate.Customers), writeOrders(format, longOrders, longOrders/5, inbox),
			os.WriteFile(filepath.Join(l.fresh, "obmen.toml"), []byte("[watch]\nsettle = \"10ms\"\npoll = \"10ms\"\n"+page), 0o644),
			os.WriteFile(filepath.Join(l.fresh, pageSettings), []byte("[watch]\n"+page), 0o644),
		)
	}
	if err != nil {
		return err
	}
	if _, err := l.process(ctx, &program{command: watchOnce(l.obmen)}, "", l.fresh); err != nil {
		return err
	}
	log.Printf("  a history of %s orders", number(l.history))
	if err := os.CopyFS(l.full, os.DirFS(l.fresh)); err != nil {
		return err
	}
	return makeHistory(ctx, historyOptions{l.history, filepath.Join(l.full, "state", "ledger.db")}, time.Now())
}

func watchOnce(binary string) func(_, out string) *exec.Cmd {
	return func(_, out string) *exec.Cmd {
		return exec.Command(binary, "watch", "--once", "--config", filepath.Join(out, "obmen.toml"))
	}
}

// inTurns runs a program in both exchanges and adds its wall and CPU time.
func (l *long) inTurns(ctx context.Context, what string, p program) error {
	runs := [2][]sample{}
	for range l.runs {
		for i, dir := range []string{l.fresh, l.full} {
			s, err := l.process(ctx, &p, "", dir)
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			runs[i] = append(runs[i], s)
		}
	}
	l.rows = append(l.rows,
		longRow{what, "ms", median(runs[0], wallOf) * 1e3, median(runs[1], wallOf) * 1e3},
		longRow{what, "ms CPU", median(runs[0], cpuOf) * 1e3, median(runs[1], cpuOf) * 1e3})
	return nil
}

// commands measures a command. What it is asked for may be unknown to the exchange without a history.
func (l *long) commands(ctx context.Context, args []string) error {
	return l.inTurns(ctx, "obmen "+args[0], program{command: func(_, out string) *exec.Cmd {
		cmd := exec.Command("sh", "-c", `"$@" || true`, "sh", l.obmen)
		cmd.Args = append(cmd.Args, args...)
		cmd.Dir = out
		return cmd
	}})
}

// smallFiles measures a start with nothing to do, and new files above that.
func (l *long) smallFiles(ctx context.Context) error {
	once := program{command: watchOnce(l.obmen)}
	if err := l.inTurns(ctx, "obmen watch --once, nothing to do", once); err != nil {
		return err
	}
	start := slices.Clone(l.rows[len(l.rows)-2:])
	format, err := generate.FormatNamed(formatJSON)
	if err != nil {
		return err
	}
	round := 0
	once.prepare = func(_, out string) error {
		round++ // other orders every time: a known file costs less
		from := 10_000_000 + round*longFiles
		for i := range longFiles {
			if err := writeOrderFile(format, from+i, filepath.Join(out, "inbox")); err != nil {
				return err
			}
		}
		return nil
	}
	what := number(longFiles) + " new files, above that"
	if err := l.inTurns(ctx, what, once); err != nil {
		return err
	}
	for i := range 2 {
		row := &l.rows[len(l.rows)-2+i]
		row.fresh, row.full = row.fresh-start[i].fresh, row.full-start[i].full
	}
	return nil
}

func (l *long) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## A history of %s orders\n\n%s files and as many sets, spread over a year; both have %s orders more, of which a fifth is held. Medians.\n\n",
		number(l.history), number(l.history/5), number(longOrders))
	b.WriteString("| what | unit | without | with | ratio |\n| --- | --- | --: | --: | --: |\n")
	for _, r := range l.rows {
		ratio := "–"
		if r.fresh > 0 {
			ratio = fmt.Sprintf("%.2f", r.full/r.fresh)
		}
		fmt.Fprintf(&b, "| %s | %s | %.4g | %.4g | %s |\n", r.what, r.unit, r.fresh, r.full, ratio)
	}
	return b.String()
}

// pages measures the first pages of a running watcher, and the watcher itself when nothing happens. Where the system
// does not tell the CPU time of a running process, nothing is measured.
func (l *long) pages(ctx context.Context) error {
	var figures [2][]longRow
	for i, dir := range []string{l.fresh, l.full} {
		rows, err := l.pagesOf(ctx, dir)
		if err != nil {
			return err
		}
		figures[i] = rows
	}
	for i := range figures[0] {
		row := figures[0][i]
		row.full = figures[1][i].fresh
		l.rows = append(l.rows, row)
	}
	return nil
}

func (l *long) pagesOf(ctx context.Context, dir string) (rows []longRow, err error) {
	settings := filepath.Join(dir, pageSettings)
	cmd := exec.CommandContext(ctx, l.obmen, "watch", "--config", settings)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}()
	w := &watched{pid: cmd.Process.Pid}
	if _, _, err := w.used(); err != nil {
		return nil, nil // not on Linux
	}
	if err := w.open(ctx, l.obmen, settings); err != nil {
		return nil, err
	}
	if err := w.waitUntilQuiet(ctx); err != nil {
		return nil, err
	}
	for _, path := range pagePaths(historyOrder(l.history / 2)) {
		took, err := w.ask(path)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(path, "?")
		rows = append(rows, longRow{what: "first page of /" + name, unit: "ms CPU", fresh: float64(took.Microseconds()) / 1e3})
	}
	before, _, err := w.used()
	if err != nil {
		return nil, err
	}
	time.Sleep(quietTime)
	after, memory, err := w.used()
	return append(rows,
		longRow{what: "obmen watch, nothing to do", unit: "% of a core", fresh: 100 * (after - before).Seconds() / quietTime.Seconds()},
		longRow{what: "its memory after all pages", unit: "MB", fresh: float64(memory) / 1e6}), err
}
