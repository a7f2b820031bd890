package main

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"

	"obmen/watch/drop"
)

// sheetPart is what a workbook's rows lie in.
const sheetPart = "xl/worksheets/sheet1.xml"

// plan is what the limit writes: for each exchange file its bytes, for each workbook those of its sheet
// before deflate. The bytes themselves are those of one output set, over and over.
type plan struct {
	XML    []int64 `json:"xml"`
	Sheets []int64 `json:"sheets"`
}

// Files of a plan's folder.
const (
	planFile     = "plan.json"
	xmlPattern   = "pattern.xml"
	sheetPattern = "pattern.sheet"
)

// makePlan looks at what obmen wrote into a folder.
func makePlan(outputs, dir string) error {
	var p plan
	var largestXML, largestBook string
	names, err := filepath.Glob(filepath.Join(outputs, "*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		switch filepath.Ext(name) {
		case ".xml":
			p.XML, largestXML = append(p.XML, info.Size()), name
		case ".xlsx":
			size, err := sheetBytes(name, nil)
			if err != nil {
				return err
			}
			p.Sheets, largestBook = append(p.Sheets, size), name
		}
	}
	if largestXML == "" || largestBook == "" {
		return fmt.Errorf("%s: no output set", outputs)
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return errors.Join(
		writeFile(filepath.Join(dir, planFile), func(w io.Writer) error { _, err := w.Write(text); return err }),
		writeFile(filepath.Join(dir, xmlPattern), func(w io.Writer) error { return copyOf(w, largestXML) }),
		writeFile(filepath.Join(dir, sheetPattern), func(w io.Writer) error { _, err := sheetBytes(largestBook, w); return err }),
	)
}

func copyOf(w io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// sheetBytes tells how many bytes the sheets of a workbook have, and copies those of the first if asked.
func sheetBytes(name string, w io.Writer) (size int64, err error) {
	r, err := zip.OpenReader(name)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for _, f := range r.File {
		if !strings.HasPrefix(f.Name, filepath.Dir(sheetPart)+"/") {
			continue
		}
		size += int64(f.UncompressedSize64)
		if w == nil || f.Name != sheetPart {
			continue
		}
		part, err := f.Open()
		if err != nil {
			return 0, err
		}
		if _, err := io.Copy(w, part); err != nil {
			return 0, err
		}
	}
	return size, nil
}

func limitCommand(set *flag.FlagSet) func(context.Context) error {
	orders := set.String("orders", "", "folder with the order files")
	dir := set.String("plan", "", "folder with the plan")
	out := set.String("out", "", "folder to write into")
	return func(context.Context) error { return runLimit(*orders, *dir, *out) }
}

// runLimit is the least that any program must do for the job: read and hash the input, deflate the sheets
// at level 1, write and sync the outputs, give them their names. It uses all cores.
func runLimit(orders, dir, out string) error {
	text, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	xml, err := os.ReadFile(filepath.Join(dir, xmlPattern))
	if err != nil {
		return err
	}
	sheet, err := os.ReadFile(filepath.Join(dir, sheetPattern))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var jobs []func() error
	jobs = append(jobs, func() error { return hashAll(orders) })
	for i, size := range p.Sheets {
		name := filepath.Join(out, fmt.Sprintf("%06d.xlsx", i))
		jobs = append(jobs, func() error { return writeDeflated(name, sheet, size) })
	}
	for i, size := range p.XML {
		name := filepath.Join(out, fmt.Sprintf("%06d.xml", i))
		jobs = append(jobs, func() error { return durably(name, func(w io.Writer) error { return repeat(w, xml, size) }) })
	}
	return errors.Join(doAll(jobs), drop.OS{}.SyncDir(out))
}

// doAll does jobs on all cores.
func doAll(jobs []func() error) error {
	queue := make(chan func() error)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			for job := range queue {
				errs[i] = errors.Join(errs[i], job())
			}
		})
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	all.Wait()
	return errors.Join(errs...)
}

func hashAll(dir string) error {
	sum := sha256.New()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := copyOf(sum, name); err != nil {
			return err
		}
	}
	return nil
}

func writeDeflated(name string, pattern []byte, size int64) error {
	return durably(name, func(w io.Writer) error {
		z, err := flate.NewWriter(w, 1)
		if err != nil {
			return err
		}
		return errors.Join(repeat(z, pattern, size), z.Close())
	})
}

// repeat writes a pattern until it is so many bytes.
func repeat(w io.Writer, pattern []byte, size int64) error {
	for at := int64(0); size > 0; {
		part := pattern[at:min(int64(len(pattern)), at+size, at+bufferBytes)]
		if _, err := w.Write(part); err != nil {
			return err
		}
		size -= int64(len(part))
		at = (at + int64(len(part))) % int64(len(pattern))
	}
	return nil
}

// bufferBytes are written at once.
const bufferBytes = 1 << 20

// durably writes a file under another name, syncs it, and gives it its own.
func durably(name string, write func(io.Writer) error) error {
	f, err := os.Create(name + ".tmp")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}
