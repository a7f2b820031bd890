package spapitest

import "github.com/go-json-experiment/json/jsontext"

// object is JSON that is small enough for encoding/json.
type object = map[string]any

// writer writes the orders, of which a simulated year has millions. A comma follows every value, and goes
// when what holds the value is closed.
type writer struct{ b []byte }

func (w *writer) name(name string) {
	if name != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, name...)
		w.b = append(w.b, '"', ':')
	}
}

// open begins an object or a list, which has no name inside a list.
func (w *writer) open(name string, with byte) {
	w.name(name)
	w.b = append(w.b, with)
}

func (w *writer) close(with byte) {
	if last := len(w.b) - 1; w.b[last] == ',' {
		w.b = w.b[:last]
	}
	w.b = append(w.b, with, ',')
}

func (w *writer) text(name, value string) {
	w.name(name)
	b, err := jsontext.AppendQuote(w.b, value)
	if err != nil {
		panic(err) // a test gave an order a text that is not UTF-8
	}
	w.b = append(b, ',')
}

// number writes a number as it is given, as a text if so wanted.
func (w *writer) number(name, value string, quoted bool) {
	if quoted {
		w.text(name, value)
		return
	}
	w.name(name)
	w.b = append(append(w.b, value...), ',')
}

// done is what was written.
func (w *writer) done() []byte { return w.b[:len(w.b)-1] }
