package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"obmen/watch/drop"
	"obmen/watch/site/cml"
)

// mostProducts bounds the products of a file, whose lines of products.csv are in memory together; real ones
// take a kilobyte of the file each, and UploadLimit comes first.
const mostProducts = 250_000

var errProducts = fmt.Errorf("the file has more than %d products", mostProducts)

// answersAtOnce bounds the orders of one call of Answers.
const answersAtOnce = 500

// importOrders takes a file that is there already; most often it was taken with its last part.
func (s *Server) importOrders(q *request) {
	s.importFile(q, func(u *upload, _ part) error { return s.takeOrders(q, u) })
}

// importProducts takes a file of products, or of an archive the one that is named.
func (s *Server) importProducts(q *request) {
	s.importFile(q, func(u *upload, p part) error { return s.takeProducts(q, u, p) })
}

// importFile finds the file that is named and takes it.
func (s *Server) importFile(q *request, take func(*upload, part) error) {
	name, err := fileName(q.param("filename"))
	if err != nil {
		q.fail(err.Error())
		return
	}
	if q.ofProducts() && isPicture(name) {
		q.text("success")
		return
	}
	u, p, err := q.session.uploads.find(name)
	switch {
	case err != nil:
		s.refuseFile(q, u, err)
		return
	case u == nil:
		q.fail("the file " + quote(path.Base(name)) + " was not sent in this session")
		return
	case u.done:
		q.text("success")
		return
	case u.data == nil:
		q.fail(cmp.Or(u.err, errUnfinished).Error())
		return
	}
	if err := take(u, p); err != nil {
		s.refuseFile(q, u, err)
		return
	}
	q.text("success")
}

// find returns the upload of that name, or the archive that has a file of that name. The part has a name
// only when it is one file of an archive.
func (us uploads) find(name string) (*upload, part, error) {
	if u := us[name]; u != nil {
		return u, part{}, nil
	}
	for _, u := range us {
		if u.data == nil || string(u.head()[:min(2, len(u.head()))]) != zipHead {
			continue
		}
		list, err := u.parts()
		if err != nil {
			return u, part{}, err
		}
		for _, p := range list {
			if p.name == name {
				return u, p, nil
			}
		}
	}
	return nil, part{}, nil
}

// refuseFile answers why a file that has come cannot be taken. Faults of our own keep the file, so that
// import may be asked for once more; a fault of the file ends it.
func (s *Server) refuseFile(q *request, u *upload, err error) {
	if fault, ours := errors.AsType[*sinkError](err); ours {
		s.broken(q, path.Base(u.name), fault.err)
		return
	}
	s.refuseUpload(q, u.name, u, err)
}

// sinkError is a failure to note what a file says, which is no fault of the file.
type sinkError struct{ err error }

func (e *sinkError) Error() string { return e.err.Error() }

func (e *sinkError) Unwrap() error { return e.err }

// takeOrders notes the orders of a file. It is read to its end before: of a broken file nothing counts.
func (s *Server) takeOrders(q *request, u *upload) error {
	parts, err := u.parts()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := p.orders(func(cml.Order) error { return nil }); err != nil {
			return err
		}
	}
	n := 0
	for _, p := range parts {
		taker := taker{ctx: q.context(), to: s.Answers, user: q.session.user}
		if err := p.orders(taker.add); err != nil {
			return err
		}
		if err := taker.flush(); err != nil {
			return err
		}
		n += taker.count
	}
	u.done = true
	u.dropBytes()
	s.report(Event{Kind: Received, User: q.session.user, File: path.Base(u.name), Orders: n})
	return nil
}

func (p part) orders(each func(cml.Order) error) error {
	r, err := p.open()
	if err != nil {
		return err
	}
	return errors.Join(cml.ReadOrders(r, each), r.Close())
}

// taker hands orders on in lots.
type taker struct {
	ctx   context.Context
	to    Answers
	user  string
	lot   []cml.Order
	count int
}

func (t *taker) add(o cml.Order) error {
	if t.lot = append(t.lot, o); len(t.lot) < answersAtOnce {
		return nil
	}
	return t.flush()
}

func (t *taker) flush() error {
	if len(t.lot) == 0 {
		return nil
	}
	if err := t.to.Answer(t.ctx, t.user, t.lot); err != nil {
		return &sinkError{err}
	}
	t.count += len(t.lot)
	t.lot = t.lot[:0]
	return nil
}

// takeProducts notes the products of a file, or of one file of an archive; of an archive that is named
// itself, of all its files.
func (s *Server) takeProducts(q *request, u *upload, one part) error {
	parts := []part{one}
	if one.name == "" {
		var err error
		if parts, err = u.parts(); err != nil {
			return err
		}
	}
	for _, p := range parts {
		if err := s.takeGoods(q, p); err != nil {
			return err
		}
	}
	if one.name == "" { // an archive has more files to be named
		u.done = true
		u.dropBytes()
	}
	s.report(Event{Kind: Received, User: q.session.user, File: path.Base(cmp.Or(one.name, u.name))})
	return nil
}

// takeGoods checks a file of products to its end, and hands it on.
func (s *Server) takeGoods(q *request, p part) error {
	n := 0
	list, err := p.goods(func(cml.Product) error {
		if n++; n > mostProducts {
			return errProducts
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n == 0 { // prices, remainders, lists of properties
		return nil
	}
	file := ProductFile{Name: path.Base(p.name), List: list, Read: p.goods}
	if err := s.Products.Take(q.context(), q.session.user, file); err != nil {
		return &sinkError{err}
	}
	return nil
}

func (p part) goods(each func(cml.Product) error) (cml.Catalog, error) {
	r, err := p.open()
	if err != nil {
		return cml.Catalog{}, err
	}
	c, err := cml.ReadGoods(r, each)
	return c, errors.Join(err, r.Close())
}

var _ io.ReaderAt = (*drop.Scratch)(nil)
