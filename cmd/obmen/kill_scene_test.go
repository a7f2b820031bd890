//go:build linux

package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"obmen/cmd/obmen/ui"
	"obmen/watch/desk"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// plainBinary is obmen as people run it, built once: without the race detector, which changes what the
// program asks of the system.
var plainBinary = sync.OnceValues(func() (string, error) {
	dir, err := testDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "obmen")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build obmen: %w\n%s", err, out)
	}
	return path, nil
})

// scene is a set of folders that obmen watches, and what was dropped into them.
type scene struct {
	t      *testing.T
	dir    string
	drops  map[string]int    // copies, by hash of the bytes
	orders []string          // numbers of the orders that must come out, each once
	broken []string          // names that must end in quarantine
	taken  string            // where 1C puts what it takes; beside the outbox
	seal   *store.Encryption // reads what is encrypted; nil when nothing is
	server string            // address of the ledger; empty for a file

	inboxes, outboxes []string // of all routes
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, dir: t.TempDir(), drops: map[string]int{}, inboxes: []string{"inbox"}, outboxes: []string{"outbox"}}
	s.taken = filepath.Join(s.dir, "1c")
	for _, name := range append([]string{"1c"}, workFolders...) {
		s.check(os.Mkdir(filepath.Join(s.dir, name), 0o777))
	}
	s.write("obmen.toml", "[watch]\nsettle = \"20ms\"\n")
	s.write("catalogs/products.csv", "sku;name\nA;Thing\n")
	return s
}

func (s *scene) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) path(name string) string { return filepath.Join(s.dir, name) }

func (s *scene) write(name, text string) {
	s.t.Helper()
	s.check(os.WriteFile(s.path(name), []byte(text), 0o666))
}

// drop puts a file into the inbox that must not be lost.
func (s *scene) drop(name, text string, orders ...string) {
	s.t.Helper()
	s.dropInto("inbox", name, text, orders...)
}

func (s *scene) dropInto(inbox, name, text string, orders ...string) {
	s.t.Helper()
	s.write(inbox+"/"+name, text)
	s.drops[hash(text)]++
	s.orders = append(s.orders, orders...)
}

func hash(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func shopOrder(number int) string {
	return fmt.Sprintf(`{"order_number":%d,"currency":"USD","created_at":"2026-11-01T10:00:00Z","line_items":[{"sku":"A","quantity":1,"price":"5.00"}]}`, number)
}

func shopOrders(numbers ...int) string {
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = shopOrder(n)
	}
	return `{"orders":[` + strings.Join(list, ",") + `]}`
}

// Both halves of an order as Amazon's older interface gives them.
const (
	halfOrder = `{"payload":{"Orders":[{"AmazonOrderId":"902-0000001-0000001","PurchaseDate":"2026-11-01T10:00:00Z","LastUpdateDate":"2026-11-01T10:00:00Z","OrderStatus":"Shipped","MarketplaceId":"A1PA6795UKMFR9","OrderTotal":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
	halfItems = `{"payload":{"AmazonOrderId":"902-0000001-0000001","OrderItems":[{"ASIN":"B0TEST0001","SellerSKU":"A","OrderItemId":"1","QuantityOrdered":1,"ItemPrice":{"CurrencyCode":"EUR","Amount":"5.00"}}]}}`
)

// small is a scene with a file of each kind of way through watch.
func small(t *testing.T) *scene {
	s := newScene(t)
	s.fill()
	return s
}

func (s *scene) fill() {
	s.t.Helper()
	s.drop("good.json", shopOrders(1001, 1002), "1001", "1002")
	s.drop("half-items.json", halfItems)
	s.drop("half-order.json", halfOrder, "902-0000001-0000001")
	s.drop("broken.json", `{"orders": [{"order_number": 2001, "currency": "USD",`)
	s.broken = []string{"broken.json"}
}

// command is watch over the scene; it ends when nothing is left to do.
func (s *scene) command(before ...string) *exec.Cmd {
	s.t.Helper()
	obmen, err := plainBinary()
	s.check(err)
	args := slices.Concat(before, []string{obmen, "watch", "--once", "--config", s.path("obmen.toml")})
	return exec.Command(args[0], args[1:]...)
}

// run lets watch end by itself and gives its words.
func (s *scene) run(before ...string) (words string, code int) {
	s.t.Helper()
	out, err := s.command(before...).CombinedOutput()
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		return string(out), failed.ExitCode()
	default:
		s.check(err)
	}
	return string(out), 0
}

// finish runs watch unharmed and checks that all is done and at rest.
func (s *scene) finish() error {
	s.t.Helper()
	if words, code := s.run(); code != ui.ExitOK && code != ui.ExitHeld {
		return fmt.Errorf("watch ended with code %d:\n%s", code, words)
	}
	return s.atRest()
}

// take is 1C: it moves every exchange file that it sees away, and the workbook beside it.
func (s *scene) take() {
	s.t.Helper()
	paths, err := filepath.Glob(s.path("outbox/*.xml"))
	s.check(err)
	for _, path := range paths {
		for _, p := range []string{path, strings.TrimSuffix(path, ".xml") + ".xlsx"} {
			s.check(os.Rename(p, filepath.Join(s.taken, filepath.Base(p))))
		}
	}
}

// always checks what holds at any instant, the one after a kill too: no dropped file is lost or there
// twice, no order is out twice, nothing that can be seen is half.
func (s *scene) always() error {
	return errors.Join(s.nothingLost(), s.nothingTwice(), s.nothingHalf())
}

// files lists the files below folders; names of the program's own are left out.
func (s *scene) files(folders ...string) (paths []string) {
	for _, dir := range folders {
		err := filepath.WalkDir(s.path(dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !isOwnFile(d.Name()) {
				paths = append(paths, path)
			}
			return err
		})
		s.check(err)
	}
	return paths
}

// isOwnFile reports whether a name is that of a record, or of a workbook for people.
func isOwnFile(name string) bool {
	return strings.HasPrefix(name, ".obmen-") || name == ".numbers.jsonl" || name == "Report.xlsx" || name == "held.xlsx"
}

func (s *scene) nothingLost() error {
	found := s.found()
	if !maps.Equal(found, s.drops) {
		return fmt.Errorf("dropped files in inbox, claim, archive and quarantine: %d of %d contents in the right number\n%s", same(found, s.drops), len(s.drops), s.tree())
	}
	return nil
}

// found counts the dropped files that are there, by hash of their plain bytes.
func (s *scene) found() map[string]int {
	found := map[string]int{}
	for _, path := range s.files(append([]string{"archive", "quarantine"}, s.inboxes...)...) {
		h, err := s.seal.SHA256(path)
		s.check(err)
		if s.drops[h] > 0 {
			found[h]++
		}
	}
	return found
}

func same(a, b map[string]int) (n int) {
	for k, v := range b {
		if a[k] == v {
			n++
		}
	}
	return n
}

func (s *scene) tree() string {
	var b strings.Builder
	for _, path := range s.files(slices.Concat(s.inboxes, s.outFolders(), []string{"archive", "quarantine"})...) {
		if rel, err := filepath.Rel(s.dir, path); err == nil {
			fmt.Fprintln(&b, rel)
		}
		if b.Len() > 4000 {
			return b.String() + "…"
		}
	}
	return b.String()
}

// outFolders are where exchange files lie.
func (s *scene) outFolders() []string { return append([]string{"1c"}, s.outboxes...) }

// published counts the orders in all exchange files, those that 1C took among them.
func (s *scene) published() (orders map[string]int, err error) {
	orders = map[string]int{}
	for _, folder := range s.outFolders() {
		paths, err := filepath.Glob(s.path(folder + "/*.xml"))
		s.check(err)
		for _, path := range paths {
			numbers, err := readExchange(path)
			if err != nil {
				return nil, err
			}
			for _, n := range numbers {
				orders[n]++
			}
		}
	}
	return orders, nil
}

func (s *scene) nothingTwice() error {
	orders, err := s.published()
	if err != nil {
		return err
	}
	for number, n := range orders {
		if n > 1 {
			return fmt.Errorf("order %s is out %d times\n%s", number, n, s.tree())
		}
		if !slices.Contains(s.orders, number) {
			return fmt.Errorf("order %s was never dropped", number)
		}
	}
	return nil
}

// nothingHalf opens all that 1C and people can see. The workbook comes before its exchange file.
func (s *scene) nothingHalf() error {
	for _, folder := range s.outFolders() {
		if err := wholeFolder(s.path(folder)); err != nil {
			return err
		}
		paths, err := filepath.Glob(s.path(folder + "/*.xml"))
		s.check(err)
		for _, path := range paths {
			if _, err := os.Stat(strings.TrimSuffix(path, ".xml") + ".xlsx"); err != nil {
				return fmt.Errorf("an exchange file before its workbook: %w", err)
			}
		}
	}
	return nil
}

// wholeFolder reads every exchange file and workbook to its end. What 1C takes meanwhile is no fault.
func wholeFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch filepath.Ext(e.Name()) {
		case ".xml":
			_, err = readExchange(path)
		case ".xlsx":
			err = readBook(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// readExchange gives the numbers of the documents of an exchange file, read to its end.
func readExchange(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var exchange struct {
		XMLName   xml.Name           `xml:"КоммерческаяИнформация"`
		Documents []commerceDocument `xml:"Документ"`
	}
	d := xml.NewDecoder(f)
	if err := d.Decode(&exchange); err != nil {
		return nil, fmt.Errorf("%s can be seen and is not whole: %w", path, err)
	}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(text)) > 0 {
			return nil, fmt.Errorf("%s has more behind its end: %v, %w", path, token, err)
		}
	}
	var numbers []string
	for _, doc := range exchange.Documents {
		numbers = append(numbers, doc.shopNumber())
	}
	if len(numbers) == 0 {
		return nil, fmt.Errorf("%s has no documents", path)
	}
	return numbers, nil
}

// readBook reads every part of a workbook, which checks their sums.
func readBook(path string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("%s can be seen and is not whole: %w", path, err)
	}
	defer z.Close()
	for _, part := range z.File {
		r, err := part.Open()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			r.Close()
		}
		if err != nil {
			return fmt.Errorf("%s, part %s: %w", path, part.Name, err)
		}
	}
	return nil
}

// atRest checks what holds when watch has ended by itself.
func (s *scene) atRest() error {
	return errors.Join(s.always(), s.allOut(), s.nothingLeft(), s.reasons(), s.ledgerAgrees())
}

func (s *scene) allOut() error {
	orders, err := s.published()
	if err != nil {
		return err
	}
	missing := 0
	for _, number := range s.orders {
		if orders[number] != 1 {
			missing++
		}
	}
	if missing > 0 {
		return fmt.Errorf("%d of %d orders never came out\n%s", missing, len(s.orders), s.tree())
	}
	return nil
}

// nothingLeft looks for files that wait, and for files that were being written.
func (s *scene) nothingLeft() error {
	list := slices.DeleteFunc(s.files(s.inboxes...), func(path string) bool {
		return filepath.Base(path) == "rename.lock" // stays, as locks do, where a file system needs one
	})
	for _, path := range s.files(append([]string{"archive", "quarantine", "state", "ack"}, s.outboxes...)...) {
		if strings.HasSuffix(path, ".tmp") || strings.HasSuffix(path, ".receipt") {
			list = append(list, path)
		}
	}
	if len(list) > 0 {
		return fmt.Errorf("left behind: %q", list)
	}
	return nil
}

// reasons looks for the line that tells people why a file is in quarantine.
func (s *scene) reasons() error {
	for _, name := range s.broken {
		paths, err := filepath.Glob(s.path("quarantine/*/" + name))
		s.check(err)
		if len(paths) != 1 {
			return fmt.Errorf("%s is in quarantine %d times", name, len(paths))
		}
		if _, err := os.Stat(paths[0] + ".reason.json"); err != nil {
			return fmt.Errorf("nobody says why: %w", err)
		}
	}
	return nil
}

// ledgerAgrees compares the ledger with the disk: nothing is open, every set is where it says, every
// order is in the set that it names.
func (s *scene) ledgerAgrees() error {
	ctx := s.t.Context()
	book, err := ledger.Open(ctx, cmp.Or(s.server, s.path("state/"+desk.LedgerFile)), ledger.Options{})
	s.check(err)
	defer book.Close()
	open, err := book.Unfinished(ctx)
	s.check(err)
	sets, err := book.Sets(ctx, ledger.SetFilter{})
	s.check(err)
	holds, err := book.Holds(ctx, ledger.HoldFilter{})
	s.check(err)
	if len(open) > 0 || len(holds) > 0 {
		return fmt.Errorf("the ledger has %d files open and %d orders held", len(open), len(holds))
	}
	members := map[string]int{}
	for _, set := range sets {
		if set.State == ledger.Planned {
			return fmt.Errorf("set %s is still planned", set.Stem)
		}
		for _, o := range set.Outputs {
			if err := s.onDisk(o); err != nil {
				return fmt.Errorf("set %s: %w", set.Stem, err)
			}
		}
		for _, m := range set.Orders {
			members[m.Order]++
		}
	}
	if len(members) != len(s.orders) {
		return fmt.Errorf("the sets of the ledger have %d orders, %d were dropped", len(members), len(s.orders))
	}
	return nil
}

func (s *scene) onDisk(o ledger.Output) error {
	for _, folder := range s.outFolders() {
		if text, err := os.ReadFile(filepath.Join(s.dir, folder, o.Name)); err == nil {
			if hash(string(text)) != o.SHA256 {
				return fmt.Errorf("%s has other bytes than the ledger says", o.Name)
			}
			return nil
		}
	}
	return fmt.Errorf("%s is nowhere", o.Name)
}
