// Command obmen passes marketplace orders to 1C:Enterprise through folders.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"obmen/cmd/obmen/ui"
	_ "time/tzdata" // document dates need time zones on machines that have none
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, ui.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
