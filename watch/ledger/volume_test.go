package ledger_test

import (
	"testing"

	"obmen/watch/drop"
	"obmen/watch/ledger"
)

func TestNetworkFileSystemsAreRefused(t *testing.T) {
	for _, v := range []drop.Volume{{Name: "smb2", Network: true}, {Name: "nfs", Network: true}, {Name: "fuse", FUSE: true}} {
		failsAs[*ledger.VolumeError](t, ledger.RefuseVolume("state", v, ledger.Options{}), "network file system ("+v.Name+")", `"state"`)
		if err := ledger.RefuseVolume("state", v, ledger.Options{AllowFUSE: true}); (err == nil) != v.FUSE {
			t.Errorf("%s where FUSE is allowed: %v", v.Name, err)
		}
	}
	ok(t, ledger.RefuseVolume("state", drop.Volume{}, ledger.Options{}))
}
