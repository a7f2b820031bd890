package bucket

import (
	"slices"
	"sync"
)

// A file is read more than once, and right after it was kept: what is small stays in memory for a while, so that each
// reading is no way to the server and back.
const (
	recentItem  = 1 << 20 // bytes of a file at most
	recentBytes = 8 << 20 // of all together
)

// recent holds what was put or read last. What lies under a name does not change, but for what Delete takes away.
type recent struct {
	mu    sync.Mutex
	items map[string][]byte
	order []string // the oldest first
	size  int

	empty map[string]bool // prefixes that no name had when the bytes before them were put; each is asked for once
}

// mostEmpty bounds how many prefixes are held; they are taken soon.
const mostEmpty = 1000

func (r *recent) noteEmpty(prefix string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty == nil || len(r.empty) >= mostEmpty {
		r.empty = map[string]bool{}
	}
	r.empty[prefix] = true
}

// takeEmpty reports whether no name had the prefix; the next who asks looks at the server.
func (r *recent) takeEmpty(prefix string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	is := r.empty[prefix]
	delete(r.empty, prefix)
	return is
}

func (r *recent) get(name string) ([]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, there := r.items[name]
	return data, there
}

func (r *recent) add(name string, data []byte) {
	if len(data) > recentItem {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.items[name]; there {
		return
	}
	if r.items == nil {
		r.items = map[string][]byte{}
	}
	r.items[name], r.order, r.size = data, append(r.order, name), r.size+len(data)
	for r.size > recentBytes {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.size -= len(r.items[oldest])
		delete(r.items, oldest)
	}
}

func (r *recent) remove(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, there := r.items[name]
	if !there {
		return
	}
	r.size -= len(data)
	delete(r.items, name)
	i := slices.Index(r.order, name)
	r.order = slices.Delete(r.order, i, i+1)
}
