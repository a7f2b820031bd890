package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"obmen/watch/ledger"
)

// small is a small file's work: one set with one order.
func small(i int) (ledger.File, ledger.Result) {
	name := fmt.Sprint("file ", i)
	r := revision(i%1000, name)
	s := set("set "+name, member(name, r))
	return file(name), ledger.Result{
		Sets: []ledger.Set{s}, Orders: []ledger.Order{exported(name, r, `{"total":"12.30","lines":[{"sku":"A-1","quantity":"1"}]}`)},
		Outcome: "exported", At: at(i),
	}
}

// through takes files through Begin, Plan and Finish with three commits for all of them.
func through(b *testing.B, l *ledger.Ledger, from, to int) {
	works := make([]*ledger.Work, to-from)
	results := make([]ledger.Result, to-from)
	steps := []func(*ledger.Tx, int) error{
		func(t *ledger.Tx, i int) (err error) {
			f, r := small(from + i)
			works[i], err = t.Begin(f)
			results[i] = r
			return err
		},
		func(t *ledger.Tx, i int) error { return t.Plan(works[i], results[i].Sets) },
		func(t *ledger.Tx, i int) error { return t.Finish(works[i], results[i]) },
	}
	for _, step := range steps {
		ok(b, l.Group(b.Context(), func(t *ledger.Tx) error {
			for i := range works {
				if err := step(t, i); err != nil {
					return err
				}
			}
			return nil
		}))
	}
}

// BenchmarkFiles takes small files through the ledger, in groups. Every group waits for the disk three times.
func BenchmarkFiles(b *testing.B) {
	for _, group := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(group), func(b *testing.B) {
			l := fresh(b)
			for n := 0; n < b.N; n += group {
				through(b, l, n, min(n+group, b.N))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

// BenchmarkFinish finishes one file with many orders.
func BenchmarkFinish(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n, " orders"), func(b *testing.B) {
			l := fresh(b)
			for i := range b.N {
				f := file(fmt.Sprint(i))
				s := set(fmt.Sprint("set", i))
				var r ledger.Result
				for k := range n {
					id := fmt.Sprintf("%d-%d", i, k)
					rev := revision(1, id)
					s.Orders = append(s.Orders, member(id, rev))
					r.Orders = append(r.Orders, exported(id, rev, `{"total":"12.30"}`))
				}
				r.Sets = []ledger.Set{s}
				w := begin(b, l, f)
				ok(b, w.Plan(b.Context(), r.Sets))
				finish(b, w, r)
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "orders/s")
		})
	}
}

// BenchmarkOpen opens a ledger with 200,000 orders, which is checked whole, and looks orders up in it.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "ledger.db")
	l := open(b, path)
	for n := 0; n < 200_000; n += 10_000 {
		var list []ledger.Order
		for i := range 10_000 {
			id := fmt.Sprint(n + i)
			list = append(list, exported(id, revision(1, id), `{"total":"12.30","lines":[{"sku":"A-1","quantity":"1"}]}`))
		}
		ok(b, l.Import(b.Context(), list, nil, nil))
	}
	stats, err := l.Stats(b.Context())
	ok(b, err)
	ok(b, l.Close())
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			l, err := ledger.Open(b.Context(), place(path), ledger.Options{})
			ok(b, err)
			ok(b, l.Close())
		}
		b.ReportMetric(float64(stats.Bytes)/1e6, "MB")
	})
	l = open(b, path)
	b.Run("order", func(b *testing.B) {
		i := 0
		for b.Loop() {
			if _, found, err := l.Order(b.Context(), key(fmt.Sprint(i%200_000))); !found || err != nil {
				b.Fatal(found, err)
			}
			i++
		}
	})
}
