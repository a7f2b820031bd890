package httpdoor_test

import (
	"strings"
	"testing"

	"obmen/watch/httpdoor"
)

func TestHashPassword(t *testing.T) {
	for password, ok := range map[string]bool{"short": false, "long enough": true, strings.Repeat("x", 73): false} {
		if hash, err := httpdoor.HashPassword([]byte(password)); (err == nil) != ok || ok == (hash == nil) {
			t.Errorf("%q: %v", password, err)
		}
	}
}
