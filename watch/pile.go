package watch

import (
	"bytes"
	"encoding/gob"

	"obmen/watch/drop"
)

// pile is a list of what a conversion found out, in its order. The newest of it is in memory; what was there before lies
// in the attempt's spill, so that memory does not grow with a file's orders.
type pile[T any] struct {
	newest  []T
	spilled []drop.Span // of lots, oldest first
}

// inMemory is how many of small things a pile has in memory: some 2 MB of those with the longest texts.
const inMemory = 1000

// push is add for small things.
func (p *pile[T]) push(spill *drop.SpillBuffer, one T) error {
	return p.add(spill, one, len(p.newest)+1 >= inMemory)
}

// add adds one. When that is the last for which there is room, what is in memory goes to the spill.
func (p *pile[T]) add(spill *drop.SpillBuffer, one T, last bool) error {
	p.newest = append(p.newest, one)
	if !last {
		return nil
	}
	var lot bytes.Buffer
	if err := gob.NewEncoder(&lot).Encode(p.newest); err != nil {
		return err
	}
	at, err := spill.Append(lot.Bytes())
	if err != nil {
		return err
	}
	clear(p.newest) // their texts can go
	p.spilled, p.newest = append(p.spilled, at), p.newest[:0]
	return nil
}

func (p *pile[T]) isEmpty() bool { return len(p.newest) == 0 && len(p.spilled) == 0 }

// each hands all on, first come first, any number of times.
func (p *pile[T]) each(spill *drop.SpillBuffer, take func(*T) error) error {
	for _, at := range p.spilled {
		text, err := spill.ReadSpan(at)
		if err != nil {
			return err
		}
		var lot []T
		if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&lot); err != nil {
			return err
		}
		if err := eachOf(lot, take); err != nil {
			return err
		}
	}
	return eachOf(p.newest, take)
}

func eachOf[T any](list []T, take func(*T) error) error {
	for i := range list {
		if err := take(&list[i]); err != nil {
			return err
		}
	}
	return nil
}
