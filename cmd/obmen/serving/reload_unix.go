//go:build !windows

package serving

import (
	"os"
	"syscall"
)

// reloadSignals ask for changed settings to be applied, as daemons of Unix have it.
var reloadSignals = []os.Signal{syscall.SIGHUP}
