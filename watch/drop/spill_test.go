package drop_test

import (
	"bytes"
	"os"
	"testing"

	"obmen/watch/drop"
)

func TestSpillBufferReturnsWhatItGot(t *testing.T) {
	const limit = 4 << 10
	b := drop.SpillBuffer{Folder: drop.Folder{Dir: t.TempDir()}, Limit: limit}
	b.Folder.Temp = b.Folder.Dir
	record := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i%5*limit/7) }
	for range 2 { // it can be used again
		var spans []drop.Span
		var all []byte
		for i := range 40 {
			s, err := b.Append(record(i))
			if err != nil {
				t.Fatal(err)
			}
			spans = append(spans, s)
			all = append(all, record(i)...)
		}
		for _, i := range []int{39, 0, 17, 1, 38, 20} {
			if got, err := b.ReadSpan(spans[i]); err != nil || !bytes.Equal(got, record(i)) {
				t.Errorf("record %d: %d bytes, %v; want %d", i, len(got), err, len(record(i)))
			}
		}
		for range 2 {
			var got bytes.Buffer
			if n, err := b.WriteTo(&got); err != nil || n != b.Len() || !bytes.Equal(got.Bytes(), all) {
				t.Errorf("read back %d bytes, %v; want %d", n, err, len(all))
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(b.Folder.Dir); err != nil || len(left) != 0 {
			t.Errorf("left over: %v, %v", left, err)
		}
	}
}

// What is larger than the limit lies on the disk, not in memory.
func TestSpillBufferLimitsMemory(t *testing.T) {
	const limit = 64 << 10
	b := drop.SpillBuffer{Folder: drop.Folder{Dir: t.TempDir()}, Limit: limit}
	defer b.Close()
	record := make([]byte, 1000)
	perByte := testing.AllocsPerRun(1, func() {
		for range 10_000 { // 10 MB
			if _, err := b.Write(record); err != nil {
				t.Fatal(err)
			}
		}
	})
	if perByte > 200 || b.Len() != 2*10_000*1000 {
		t.Errorf("%v allocations for %d bytes", perByte, b.Len())
	}
}
