package catalog

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"maps"
	"slices"
)

// Cache keeps what was read of a large catalog file, so that an unchanged one need not be read again.
// What it gives is never trusted further than its key and its checksum: anything else is read anew and
// kept over it. It holds what the file holds, buyers' data too. Several files are asked for at a time.
type Cache interface {
	// Get gives what was last put under a name and its size in bytes. An error means that there is none.
	Get(name string) (io.ReadCloser, int64, error)
	// Put keeps what write writes under a name. An error of either leaves none or an older one.
	Put(name string, write func(io.Writer) error) error
}

// leastCached is the size of a file that is worth a cache: a smaller one is read in milliseconds.
const leastCached = 1 << 20

// cached is a part of a snapshot that a cache can keep: fields names all its fields to a codec, which
// writes or reads them, and clear forgets what was half read.
type cached interface {
	fields(c *codec)
	clear()
}

// cachedFile loads a file by parse, or without it from the cache, where the file is unchanged.
func (l *loader) cachedFile(file string, part cached, parse func()) {
	if !l.worthCaching(file) {
		parse()
		return
	}
	if l.fromCache(file, part) {
		return
	}
	problems, notes := l.problems, len(l.notes.list)
	parse()
	sound := !l.lost[file] && len(l.problems.list) == len(problems.list) && l.problems.more == problems.more && l.notes.more == 0
	if !sound {
		return
	}
	key := string(l.sums[file]())
	// Whether it was kept shows at the next start, by the time it takes.
	_ = l.cache.Put(file, func(w io.Writer) error {
		c := &codec{w: w}
		l.entry(c, file, &key, l.notes.list[notes:], part)
		c.finish()
		return c.err
	})
}

func (l *loader) worthCaching(file string) bool {
	if l.cache == nil || l.names[file] == "" {
		return false
	}
	info, err := fs.Stat(l.fsys, l.names[file])
	return err == nil && info.Size() >= leastCached && info.Size() <= maxFile
}

// fromCache fills a part of the snapshot, if the cache has it whole and of this very file. The file is
// hashed meanwhile.
func (l *loader) fromCache(file string, part cached) bool {
	r, size, err := l.cache.Get(file)
	if err != nil {
		return false
	}
	defer r.Close()
	want := make(chan []byte, 1)
	l.hashing.Go(func() { want <- hashFile(l.fsys, l.names[file]) })
	c, key := &codec{r: r, left: size}, ""
	form, notes := l.entry(c, file, &key, nil, part)
	c.finish()
	sum := <-want
	if c.err != nil || sum == nil || key != string(sum) {
		part.clear()
		return false
	}
	l.sums[file] = func() []byte { return sum }
	l.forms[file] = form
	for _, p := range notes {
		l.notes.add(p)
	}
	return true
}

// hashFile is the SHA-256 of a file; nil where it cannot be read.
func hashFile(fsys fs.FS, name string) []byte {
	f, err := fsys.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, struct{ io.Reader }{f}, make([]byte, readSize)); err != nil {
		return nil
	}
	return sum.Sum(nil)
}

// entry writes or reads all that is kept of a file.
func (l *loader) entry(c *codec, file string, key *string, notes []Problem, part cached) (form, []Problem) {
	f := l.forms[file]
	c.text(key)
	comma := uint32(f.comma)
	c.number(&comma)
	f.comma = rune(comma)
	c.texts(&f.headers)
	c.problems(&notes)
	part.fields(c)
	return f, notes
}

func (c *codec) problems(list *[]Problem) {
	n := uint32(len(*list))
	c.length(&n)
	if c.r != nil && c.err == nil {
		*list = make([]Problem, n)
	}
	for i := range *list {
		p := &(*list)[i]
		line := uint32(p.Line)
		c.number(&line)
		p.Line = int(line)
		for _, s := range []*string{&p.File, &p.Column, &p.Value, &p.Text, &p.Hint} {
			c.text(s)
		}
	}
}

func (t *table) fields(c *codec) {
	c.texts(&t.blocks)
	c.numbers(&t.starts)
}

func (x *index) fields(c *codec) {
	used := uint32(x.used)
	c.number(&used)
	x.used = int(used)
	c.slots(&x.slots)
	c.numbers(&x.next)
}

func (p *products) fields(c *codec) {
	p.table.fields(c)
	c.texts(&p.units.values)
	c.texts(&p.groups.values)
	rates := make([]string, len(p.rates.values))
	for i, r := range p.rates.values {
		rates[i] = r.String()
	}
	c.texts(&rates)
	c.rates(rates, &p.rates.values)
	rest := make([]uint32, 0, 4*len(p.rest))
	for _, r := range p.rest {
		service := uint32(0)
		if r.service {
			service = 1
		}
		rest = append(rest, r.unit, r.group, r.rate, service)
	}
	c.numbers(&rest)
	if c.r != nil {
		p.rest = make([]productRest, len(rest)/4)
		for i := range p.rest {
			r := rest[4*i:]
			p.rest[i] = productRest{r[0], r[1], r[2], r[3] == 1}
		}
	}
	p.bySKU.fields(c)
	p.byBarcode.fields(c)
	p.byID.fields(c)
	p.byCode.fields(c)
}

func (k *customers) fields(c *codec) {
	k.table.fields(c)
	k.byID.fields(c)
	k.byCode.fields(c)
	for _, key := range slices.Sorted(maps.Keys(k.by)) {
		k.by[key].fields(c)
	}
}

// fields keeps an index that nobody has asked for yet, too.
func (x *lazy) fields(c *codec) {
	if c.w != nil {
		x.made()
	}
	x.index.fields(c)
	if c.r != nil {
		x.once.Do(func() {})
	}
}
