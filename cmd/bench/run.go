package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"regexp"
)

func runCommand(set *flag.FlagSet) func(context.Context) error {
	var o runOptions
	set.IntVar(&o.orders, "orders", 100_000, "orders of the usual jobs")
	set.IntVar(&o.big, "big", 1_000_000, "orders of the large job")
	set.IntVar(&o.files, "files", 2000, "small files of one order each")
	set.IntVar(&o.history, "history", 200_000, "orders of a long history")
	set.IntVar(&o.peerOrders, "peer-orders", 0, "orders of the jobs that Python and Node do too; default --orders")
	set.IntVar(&o.runs, "runs", 5, "how often every program runs, in turns with the others")
	set.StringVar(&o.dir, "dir", "", "folder for data and outputs, some 20 GB; default obmen-bench in the user's cache folder")
	only := set.String("only", "", "only jobs whose name this regular expression finds")
	set.BoolVar(&o.peers, "peers", true, "run the scripts in Python and Node too")
	set.StringVar(&o.stages, "stages", "", "file with the output of go test -bench")
	set.StringVar(&o.write, "write", "", "file to write the tables to")
	quick := set.Bool("quick", false, "small sizes, one run: to see that everything runs")
	return func(ctx context.Context) (err error) {
		if *quick {
			o.orders, o.big, o.files, o.history, o.runs = 2000, 20_000, 100, 20_000, 1
		}
		if o.only, err = regexp.Compile(*only); err != nil {
			return err
		}
		if o.dir == "" {
			cache, err := os.UserCacheDir()
			if err != nil {
				return err
			}
			o.dir = filepath.Join(cache, "obmen-bench")
		}
		return runAll(ctx, o)
	}
}

// runAll measures one job after another, and writes the tables at the end.
func runAll(ctx context.Context, o runOptions) error {
	b := &bench{runOptions: o, planned: map[string]bool{}}
	if err := b.build(ctx); err != nil {
		return err
	}
	var list []*result
	for _, j := range b.jobs() {
		if !o.only.MatchString(j.name) {
			continue
		}
		log.Printf("job %s", j.name)
		r, err := b.measure(ctx, j)
		if err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
		list = append(list, r)
		if err := b.report(list); err != nil { // after every job: an hour's work is not lost to the last one
			return err
		}
	}
	if !o.only.MatchString(longJob) {
		return nil
	}
	log.Printf("job %s", longJob)
	text, err := b.measureLong(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", longJob, err)
	}
	b.longTable = text
	return b.report(list)
}

// longJob is the name of what is measured with a long history.
const longJob = "a long history"

// report writes the tables so far.
func (b *bench) report(list []*result) error {
	if b.write == "" {
		return b.tables(os.Stdout, list)
	}
	return writeFile(b.write, func(w io.Writer) error { return b.tables(w, list) })
}
