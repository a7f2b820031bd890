// Command obmen passes marketplace orders to 1C:Enterprise through folders.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"obmen/cmd/obmen/ui"
	"obmen/watch/service"
	_ "time/tzdata" // document dates need time zones on machines that have none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := service.Run(func(ended <-chan struct{}) int {
		go func() {
			<-ended // never, but for a service of Windows
			stop()
		}()
		return run(ctx, os.Args, ui.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	}, os.Exit)
	stop()
	os.Exit(code)
}
