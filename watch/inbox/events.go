package inbox

import (
	"errors"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// Events are those of folders, for all routes of a program together: a system grants it many thousands of folders that are
// watched, but only a hundred watchers.
type Events struct {
	// Refused, if set, is told once when the system watches no more folders.
	Refused func(error)

	changing sync.Mutex // held while the system is asked to watch a folder or not to
	watcher  *fsnotify.Watcher
	done     chan struct{}
	refused  bool

	mu        sync.Mutex
	listeners map[string]map[*notifier]bool // by folder
}

// listen has a notifier hear the events of a folder, and reports whether the system watches it. A folder that came in the
// place of another is not watched yet, so this may be asked again and again.
func (e *Events) listen(n *notifier, dir string) bool {
	e.changing.Lock()
	defer e.changing.Unlock()
	err := e.open()
	if err == nil {
		e.addListener(n, dir) // the first event may come before the next line
		err = e.watcher.Add(dir)
	}
	if (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE)) && !e.refused {
		if e.refused = true; e.Refused != nil {
			e.Refused(err)
		}
	}
	return err == nil
}

func (e *Events) open() (err error) {
	if e.watcher != nil {
		return nil
	}
	if e.watcher, err = fsnotify.NewWatcher(); err != nil {
		return err
	}
	e.done = make(chan struct{})
	go e.pass(e.watcher, e.done)
	return nil
}

func (e *Events) addListener(n *notifier, dir string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listeners == nil {
		e.listeners = map[string]map[*notifier]bool{}
	}
	if e.listeners[dir] == nil {
		e.listeners[dir] = map[*notifier]bool{}
	}
	e.listeners[dir][n] = true
}

// pass hands the events on until the watcher is closed.
func (e *Events) pass(w *fsnotify.Watcher, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case event, ok := <-w.Events:
			if !ok {
				return
			}
			e.notify(filepath.Dir(event.Name))
			e.notify(event.Name) // of a folder itself
		case _, ok := <-w.Errors: // an overflow for one: whatever it was, look again
			if !ok {
				return
			}
			e.notifyAll()
		}
	}
}

func (e *Events) notify(dir string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for n := range e.listeners[dir] {
		n.hear()
	}
}

func (e *Events) notifyAll() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, list := range e.listeners {
		for n := range list {
			n.hear()
		}
	}
}

// leave takes a notifier off a folder, which is watched no more when nobody listens.
func (e *Events) leave(n *notifier, dir string) {
	e.changing.Lock()
	defer e.changing.Unlock()
	if e.watcher != nil && e.removeListener(n, dir) {
		_ = e.watcher.Remove(dir) // perhaps the folder is gone
	}
}

// removeListener reports whether it was the last.
func (e *Events) removeListener(n *notifier, dir string) (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.listeners[dir], n)
	if last = len(e.listeners[dir]) == 0; last {
		delete(e.listeners, dir)
	}
	return last
}

// Close ends the watch of all folders. They can be watched once more.
func (e *Events) Close() {
	e.changing.Lock()
	defer e.changing.Unlock()
	if e.watcher == nil {
		return
	}
	e.watcher.Close()
	<-e.done
	e.watcher, e.refused = nil, false
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.listeners)
}
