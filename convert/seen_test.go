package convert

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is put there, it is what a map would hold; also with keys that all fall into one place.
func TestSeenOrdersLikeAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s seenOrders
		want := map[orderKey]revision{}
		crowded := rapid.Bool().Draw(t, "crowded")
		for i := range rapid.IntRange(0, 600).Draw(t, "orders") {
			key := keyOf("amazon", rapid.StringMatching(`[0-9]{1,3}`).Draw(t, "id"))
			if crowded {
				copy(key[:8], make([]byte, 8))
			}
			before, again := s.get(key)
			if known, ok := want[key]; ok != again || known != before {
				t.Fatalf("order %d: %v, %v; want %v, %v", i, before, again, known, ok)
			}
			rev := revision{uint32(i), binary.BigEndian.Uint32(key[8:])}
			s.set(key, rev)
			want[key] = rev
		}
		for key, rev := range want {
			if got, ok := s.get(key); !ok || got != rev {
				t.Fatalf("%v: %v, %v; want %v", key, got, ok, rev)
			}
		}
	})
}
