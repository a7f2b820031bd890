package drop

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// begin starts to write a file out without waiting for the disk. It is only a hint: whatever comes of it,
// Sync tells.
func (f osFile) begin() {
	if Durable {
		_ = unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WRITE)
	}
}

func renameExclusive(from, to string) error {
	return unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
}

// volumes are the magic numbers of statfs(2) for file systems that are not a disk of this computer.
var volumes = map[uint32]Volume{
	0xfe534d42: {Name: "smb2", Network: true},
	0xff534d42: {Name: "cifs", Network: true},
	0x0000517b: {Name: "smb", Network: true},
	0x00006969: {Name: "nfs", Network: true},
	0x01021997: {Name: "9p", Network: true},
	0x5346414f: {Name: "afs", Network: true},
	0x6b414653: {Name: "kafs", Network: true},
	0x73757245: {Name: "coda", Network: true},
	0x0000564c: {Name: "ncp", Network: true},
	0x00c36400: {Name: "ceph", Network: true},
	0x0bd00bd0: {Name: "lustre", Network: true},
	0x01161970: {Name: "gfs2", Network: true},
	0x7461636f: {Name: "ocfs2", Network: true},
	0x786f4256: {Name: "vboxsf", Network: true},
	0xbacbacbc: {Name: "vmhgfs", Network: true},
	0x65735546: {Name: "fuse", FUSE: true},
}

func volume(dir string) (Volume, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Volume{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	v := volumes[uint32(st.Type)]                              // the type is as wide as the processor's words, its numbers are not
	if id := st.Fsid.X__val; !v.Remote() && id != [2]int32{} { // made from the disk's own UUID by ext4, xfs and btrfs
		v.ID = fmt.Sprintf("%08x%08x", uint32(id[0]), uint32(id[1]))
	}
	return v, nil
}

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
