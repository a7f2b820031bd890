package drop

import "testing"

// The numbers are those of facts, filedrop 3, and of linux/magic.h.
func TestVolumesOfOtherComputers(t *testing.T) {
	for magic, name := range map[uint32]string{
		0xfe534d42: "smb2", 0xff534d42: "cifs", 0x6969: "nfs", 0x01021997: "9p", 0x65735546: "fuse",
	} {
		if v := volumes[magic]; v.Name != name || !v.Remote() || v.FUSE != (name == "fuse") {
			t.Errorf("%#x is %+v, want %s", magic, v, name)
		}
	}
	for _, magic := range []uint32{0xef53, 0x01021994, 0x58465342, 0x9123683e} { // ext4, tmpfs, xfs, btrfs
		if v := volumes[magic]; v.Remote() {
			t.Errorf("%#x is %+v, want a disk of this computer", magic, v)
		}
	}
	if v, err := VolumeOf(t.TempDir()); err != nil || v.Network {
		t.Errorf("the folder of tests is on %+v, %v", v, err)
	}
	if _, err := VolumeOf("no such folder"); err == nil {
		t.Error("a folder that is not there has a volume")
	}
}
