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
		Size: st.Size, Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano(),
		Volume: uint64(st.Dev), ID: st.Ino,
	}, nil
}
