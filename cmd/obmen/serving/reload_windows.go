package serving

import "os"

// reloadSignals is empty: Windows has no signal for it, `obmen service restart` applies settings.
var reloadSignals []os.Signal
