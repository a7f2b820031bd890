// Package parallel spreads work over the cores and gives its results in the order of the input.
package parallel

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

// Map runs three stages at the same time: produce hands on jobs, workers turn them into results, and
// deliver takes the results in the order in which the jobs came.
//
// produce hands a job on with emit and stops when emit says no: no more is wanted. worker is called once for each
// worker that is needed, at most one a core, and gives what that worker alone calls; so it may own buffers. deliver
// runs where Map was called. The first job is done there too, and delivered before there is a second: small things
// wait for no other goroutine. No more than a few jobs are on their way at any time, and when Map returns none is and
// all goroutines ended.
//
// After an error of deliver nothing more is delivered. An error of produce is returned when all that
// it emitted before was delivered. A cancelled context only reaches produce, through its own.
func Map[J, R any](
	ctx context.Context,
	produce func(ctx context.Context, emit func(J) bool) error,
	worker func() func(J) R,
	deliver func(R) error,
) error {
	ctx, cancel := context.WithCancel(ctx)
	var failed error // of produce; read when it has ended
	next, end := iter.Pull(func(emit func(J) bool) { failed = produce(ctx, emit) })
	defer end()
	defer cancel()
	first, ok := next()
	if !ok {
		return failed
	}
	do := worker()
	if err := deliver(do(first)); err != nil {
		return err
	}
	if second, ok := next(); ok {
		if err := newMapper(worker, do).spread(second, next, deliver); err != nil {
			return err
		}
	}
	return failed
}

func newMapper[J, R any](worker func() func(J) R, idle func(J) R) *mapper[J, R] {
	limit := runtime.GOMAXPROCS(0)
	return &mapper[J, R]{
		worker: worker, idle: idle, limit: limit,
		jobs: make(chan promise[J, R], limit), queue: make(chan chan R, 2*limit), stop: make(chan struct{}),
	}
}

// spread does a job and those that follow on all cores.
func (m *mapper[J, R]) spread(job J, next func() (J, bool), deliver func(R) error) error {
	m.running.Go(func() {
		defer close(m.queue)
		defer close(m.jobs)
		for ok := true; ok && m.emit(job); {
			job, ok = next()
		}
	})
	defer m.running.Wait()
	defer close(m.stop)
	for result := range m.queue {
		if err := deliver(<-result); err != nil {
			return err
		}
	}
	return nil
}

// mapper is one call of Map.
type mapper[J, R any] struct {
	worker  func() func(J) R
	idle    func(J) R // of a worker that is there already; nil when it works
	limit   int       // of workers
	workers int
	jobs    chan promise[J, R]
	queue   chan chan R   // results to come, in order
	stop    chan struct{} // closed when nothing more is delivered
	running sync.WaitGroup
}

// promise is a job and where its result belongs.
type promise[J, R any] struct {
	job    J
	result chan R
}

// emit hands a job on. What stands in the queue has always been given to the workers, so a result that
// is waited for always comes.
func (m *mapper[J, R]) emit(job J) bool {
	p := promise[J, R]{job, make(chan R, 1)}
	if m.workers < m.limit {
		m.workers++
		do := m.idle
		m.idle = nil
		m.running.Go(func() { m.work(do) })
	}
	select {
	case m.jobs <- p:
	case <-m.stop:
		return false
	}
	select {
	case m.queue <- p.result:
		return true
	case <-m.stop:
		return false
	}
}

// work does jobs, by a worker of its own if none is given.
func (m *mapper[J, R]) work(do func(J) R) {
	if do == nil {
		do = m.worker()
	}
	for p := range m.jobs {
		select {
		case <-m.stop: // nobody wants it
		default:
			p.result <- do(p.job)
		}
	}
}
