package convert

import (
	"context"
	"errors"

	"obmen/convert/parallel"
)

// chunkSize is how many orders a worker matches at a time: enough that handing them over costs nothing
// beside the work, few enough that little is on its way.
const chunkSize = 32

// lookedUp is a gathered order with what the caller remembers of it.
type lookedUp struct {
	readOrder
	known *Known
}

// matched is an outcome with the account that it is for; nil where the order cannot be read.
type matched struct {
	Outcome
	account *Account
}

// errUnwanted ends the gathering when no one takes any more; the reason is known where they stopped.
var errUnwanted = errors.New("nothing more is wanted")

// matchAll gathers orders, finds the outcome of each on all cores, and delivers them in their order, where
// match was called. What was gathered before an error is delivered too.
func (r *run) matchAll(
	ctx context.Context,
	gather func(ctx context.Context, take func(readOrder) error) error,
	deliver func(*matched) error,
) error {
	return parallel.Map(ctx, func(ctx context.Context, emit func([]lookedUp) bool) error {
		var chunk []lookedUp
		err := gather(ctx, func(it readOrder) error {
			known, err := r.matchers.lookUpKnown(it)
			if err != nil {
				return err
			}
			if chunk = append(chunk, lookedUp{it, known}); len(chunk) < chunkSize {
				return nil
			}
			full := chunk
			chunk = make([]lookedUp, 0, chunkSize)
			if !emit(full) {
				return errUnwanted
			}
			return nil
		})
		if len(chunk) > 0 {
			emit(chunk)
		}
		return err
	}, r.newWorker, func(list []matched) error {
		for i := range list {
			if err := deliver(&list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// newWorker matches chunks, with matchers of its own.
func (r *run) newWorker() func([]lookedUp) []matched {
	ms := newMatchers(r.matchers.cat, r.matchers.opt)
	return func(chunk []lookedUp) []matched {
		list := make([]matched, len(chunk))
		for i := range chunk {
			list[i] = ms.outcomeOf(&chunk[i])
		}
		return list
	}
}
