package config

import (
	"fmt"
	"os"
	"syscall"
)

// InJournal reports whether what a file gets goes into systemd's journal, as systemd.exec(5) describes it.
func InJournal(f *os.File) bool {
	stream := os.Getenv("JOURNAL_STREAM")
	if stream == "" || f == nil {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
