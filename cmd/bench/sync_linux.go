package main

import "golang.org/x/sys/unix"

// syncDisks lets no program pay for what another one wrote.
func syncDisks() { unix.Sync() }
