package drop

import (
	"errors"
	"io/fs"
	"syscall"
)

func observe(_ string, info fs.FileInfo) (Observation, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Observation{}, errors.ErrUnsupported
	}
	return Observation{
		Size: st.Size, Modified: st.Mtimespec.Nano(), Changed: st.Ctimespec.Nano(),
		Volume: uint64(st.Dev), ID: st.Ino,
	}, nil
}
