package drop

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func renameExclusive(from, to string) error {
	return unix.RenamexNp(from, to, unix.RENAME_EXCL)
}

// mntLocal is MNT_LOCAL of sys/mount.h: the file system is stored on this computer.
const mntLocal = 0x1000

func volume(dir string) (Volume, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Volume{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	var name []byte
	for _, c := range st.Fstypename {
		if c == 0 {
			break
		}
		name = append(name, byte(c))
	}
	v := Volume{Name: string(name)}
	v.FUSE = strings.Contains(v.Name, "fuse")
	v.Network = !v.FUSE && st.Flags&mntLocal == 0
	return v, nil
}

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

// begin has no meaning here: the system has no way to start a flush and not wait for it.
func (osFile) begin() {}
