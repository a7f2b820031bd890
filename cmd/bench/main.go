// Command bench makes data to measure obmen with, runs whole jobs beside the programs that a user would
// otherwise write, and tells the ratios. It is not part of what is shipped.
//
//	go run ./cmd/bench generate --orders 100000 --format amazon-all-orders --out DIR
//	go run ./cmd/bench run --out DIR
//	go run ./cmd/bench house --dir DIR
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
)

// command is one thing that bench does. Its flags are bound by flags; run gets them parsed.
type command struct {
	name, usage string
	flags       func(*flag.FlagSet) func(context.Context) error
}

var commands = []command{
	{"generate", "write orders and catalogs into a folder", generateCommand},
	{"run", "run whole jobs as processes and write the table of results", runCommand},
	{"limit", "do the least that any program must do for a job", limitCommand},
	{"history", "write a ledger with a long history", historyCommand},
	{"house", "count how the code of a module reads: files, packages, names, lines", houseCommand},
}

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, args []string) error {
	for _, c := range commands {
		if len(args) == 0 || args[0] != c.name {
			continue
		}
		set := flag.NewFlagSet(c.name, flag.ContinueOnError)
		do := c.flags(set)
		if err := set.Parse(args[1:]); err != nil {
			return err
		}
		if set.NArg() > 0 {
			return errors.New("takes no arguments besides its flags")
		}
		return do(ctx)
	}
	for _, c := range commands {
		log.Printf("bench %-10s %s", c.name, c.usage)
	}
	return flag.ErrHelp
}
