package ledger_test

import (
	"testing"

	"obmen/watch/ledger"
)

// The numbers are those of facts, filedrop 3, and of linux/magic.h.
func TestNetworkFileSystemsAreRefused(t *testing.T) {
	for magic, name := range map[uint32]string{
		0xfe534d42: "smb2", 0xff534d42: "cifs", 0x6969: "nfs", 0x01021997: "9p", 0x65735546: "fuse",
	} {
		failsAs[*ledger.VolumeError](t, ledger.RefuseVolume(magic, ledger.Options{}), "network file system ("+name+")", `"state"`)
		if err := ledger.RefuseVolume(magic, ledger.Options{AllowFUSE: true}); (err == nil) != (name == "fuse") {
			t.Errorf("%s where FUSE is allowed: %v", name, err)
		}
	}
	for _, magic := range []uint32{0xef53, 0x01021994, 0x58465342, 0x9123683e} { // ext4, tmpfs, xfs, btrfs
		ok(t, ledger.RefuseVolume(magic, ledger.Options{}))
	}
}
