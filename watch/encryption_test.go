package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"obmen/convert"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
	"obmen/watch/store"
)

// marker stands in a dropped file where the ledger takes nothing from.
const marker = "MARKER-OF-PLAIN-BYTES"

func markedFile(number int, sku string) string {
	return strings.Replace(shopFile(number, "02", sku, "5.00"), `{"orders"`, `{"remark":"`+marker+`","orders"`, 1)
}

// newKey gives a public key and the path of its identity file.
func newKey(t *testing.T) (public, path string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "obmen.key")
	if err := os.WriteFile(path, []byte("# made for a test\n"+key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return key.Recipient().String(), path
}

func newEncryption(t *testing.T) *store.Encryption {
	t.Helper()
	on, _ := newEncryptions(t)
	return on
}

// newEncryptions makes an encryption, and one of the same key that only reads.
func newEncryptions(t *testing.T) (on, off *store.Encryption) {
	t.Helper()
	public, path := newKey(t)
	on, err := store.NewEncryption([]string{public}, path)
	if err != nil {
		t.Fatal(err)
	}
	if off, err = store.NewEncryption(nil, path); err != nil {
		t.Fatal(err)
	}
	return on, off
}

// plainIn lists the files below the folders that have the marker in the open.
func (p *place) plainIn(dirs ...string) (found []string) {
	p.t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if bytes.Contains(text, []byte(marker)) {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
	return found
}

func (p *place) plainText(path string) string {
	p.t.Helper()
	text, err := p.w.Encryption.ReadText(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *place) today(name string) string {
	return filepath.Join(p.r.Archive, "2026-11-23", name)
}

// The same files dropped on several routes at once, some with a charset beside them, are kept once and taken by each.
func TestSameFilesOnSeveralRoutes(t *testing.T) {
	for name, encryption := range map[string]*store.Encryption{"plain": nil, "encrypted": newEncryption(t)} {
		p := newPlace(t)
		p.w.Encryption = encryption
		p.addRoutes(3)
		for n := range 8 {
			for i := range p.w.Routes {
				file := fmt.Sprintf("%d.json", n)
				if n == 7 { // its order is of the marketplace, whatever account it comes through: one route exports it
					p.put(p.w.Routes[i].Inbox, "of-the-marketplace.json", marketplaceFile)
					continue
				}
				p.put(p.w.Routes[i].Inbox, file, markedFile(n, "A"))
				if n%2 == 0 {
					p.put(p.w.Routes[i].Inbox, file+store.CharsetSuffix, "UTF-8")
				}
			}
		}
		p.once()
		for i := range p.w.Routes {
			files, err := p.w.Ledger.Files(t.Context(), ledger.FileFilter{Route: p.w.Routes[i].Name, State: ledger.Done})
			if err != nil || len(files) != 8 {
				t.Errorf("%s: route %s has done %d files, %v, want 8", name, p.w.Routes[i].Name, len(files), err)
			}
		}
		if sets, err := p.w.Ledger.Sets(t.Context(), ledger.SetFilter{Order: "302-0000001-0000001"}); err != nil || len(sets) != 1 {
			t.Errorf("%s: the order went out %d times, %v", name, len(sets), err)
		}
		for _, f := range p.names(p.w.Store().Folder().Dir) {
			if encryption != nil && !strings.HasSuffix(f, store.EncryptedSuffix) {
				t.Errorf("%s: kept as %s", name, f)
			}
		}
	}
}

const marketplaceFile = `{"orders":[{"orderId":"302-0000001-0000001","createdTime":"2026-11-01T10:00:00Z","lastUpdatedTime":"2026-11-01T10:00:00Z",
	"salesChannel":{"channelName":"AMAZON","marketplaceId":"A1PA6795UKMFR9"},"proceeds":{"grandTotal":{"amount":"5.00","currencyCode":"EUR"}},
	"fulfillment":{"fulfillmentStatus":"SHIPPED"},"orderItems":[{"orderItemId":"1","quantityOrdered":1,"product":{"sellerSku":"A"},
	"proceeds":{"proceedsTotal":{"amount":"5.00","currencyCode":"EUR"},"breakdowns":[{"type":"ITEM","subtotal":{"amount":"5.00","currencyCode":"EUR"}}]}}]}]}`

// addRoutes adds routes with an inbox each and all other folders of the first.
func (p *place) addRoutes(n int) {
	p.t.Helper()
	for i := range n {
		r := p.w.Routes[0]
		r.Name, r.Account = fmt.Sprintf("route%d", i), fmt.Sprintf("account%d", i)
		r.Inbox = filepath.Join(p.t.TempDir(), "inbox")
		if err := os.Mkdir(r.Inbox, 0o777); err != nil {
			p.t.Fatal(err)
		}
		p.w.Routes = append(p.w.Routes, r)
	}
	p.r = &p.w.Routes[0]
}

func TestWhatIsKeptIsEncrypted(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "before.json", markedFile(9, "A"))
	p.once()
	if got := p.plainIn(p.w.State, p.r.Archive); len(got) != 2 {
		t.Fatalf("the search finds %q without encryption, want the kept copy and the archived file", got)
	}

	p = newPlace(t)
	p.w.Encryption = newEncryption(t)
	text := markedFile(1, "A")
	p.put(p.r.Inbox, "a.json", text)
	p.put(p.r.Inbox, "a.json"+store.CharsetSuffix, "UTF-8\n")
	p.put(p.r.Inbox, "held.json", markedFile(2, "B"))
	p.once()
	p.expect("archive", p.names(p.r.Archive), []string{"a.json.age", "a.json.charset.age", "held.json.age"})
	if got := p.plainIn(p.w.State, p.r.Archive); len(got) != 0 {
		t.Errorf("in the open: %q", got)
	}
	for name, want := range map[string]string{"a.json.age": text, "a.json.charset.age": "UTF-8\n"} {
		if got := p.plainText(p.today(name)); got != want {
			t.Errorf("%s decrypts to %q", name, got)
		}
	}
	sum := sha256.Sum256([]byte(text))
	in, err := p.w.Store().ExistingInput(hex.EncodeToString(sum[:]), "a.json")
	if err != nil || in.Charset != "UTF-8" {
		t.Fatalf("kept: %+v, %v", in, err)
	}
	r, err := in.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		t.Errorf("kept bytes %q, %v", got, err)
	}
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files", n)
	}
}

func TestAHoldIsCuredFromEncryptedBytes(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	p.put(p.r.Inbox, "orders.json", markedFile(1, "B"))
	p.once()
	key := p.w.Encryption
	p.catalog["skus.csv"] = "sku;marketplace;product;quantity;share\nB;;A;1;\n"
	p.w.Encryption = newEncryption(t) // another key: the hold stays, and people are told
	p.told()
	p.once()
	if _, n := p.exported(); n != 0 || !slices.Contains(p.told(), Alert) {
		t.Errorf("%d exchange files without the key, or nobody was told", n)
	}
	if holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{}); err != nil || len(holds) != 1 || holds[0].Code != string(convert.UnknownSKU) {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	p.w.Encryption = key
	p.once()
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files after the cure", n)
	}
}

// Neither turning encryption on nor turning it off loses what is kept.
func TestTheSettingMayChange(t *testing.T) {
	for _, c := range []struct {
		name       string
		then, last bool // whether it is on when the file comes, and when its hold is cured
		archived   []string
	}{
		{"turned on", false, true, []string{"again.json.age", "orders.json"}},
		{"turned off", true, false, []string{"again.json", "orders.json.age"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			on, off := newEncryptions(t)
			seal := map[bool]*store.Encryption{true: on, false: off}
			p.w.Encryption = seal[c.then]
			p.put(p.r.Inbox, "orders.json", markedFile(1, "B"))
			p.once()
			p.w.Encryption = seal[c.last]
			p.catalog["skus.csv"] = "sku;marketplace;product;quantity;share\nB;;A;1;\n"
			p.once()
			if _, n := p.exported(); n != 1 {
				t.Errorf("%d exchange files after the cure", n)
			}
			p.put(p.r.Inbox, "again.json", markedFile(1, "B"))
			p.told()
			p.once()
			if got := p.told(); !slices.Contains(got, Repeated) {
				t.Errorf("told %q", got)
			}
			p.expect("archive", p.names(p.r.Archive), c.archived)
			if raw := p.plainIn(p.w.Store().Folder().Dir); c.last && len(raw) != 0 {
				t.Errorf("in the open after the same bytes came again: %q", raw)
			}
		})
	}
}

// A program that was killed between the copy and the removal finds its own copy, though no two
// encryptions are alike; other bytes of that name get a number.
func TestPuttingAwayIsRepeated(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	k := newWorker(p.w, p.r)
	if err := os.MkdirAll(filepath.Dir(k.inbox.ClaimPath("x")), 0o700); err != nil {
		t.Fatal(err)
	}
	away := func(text string) string {
		t.Helper()
		p.put(p.r.Inbox, "a.json", text)
		place, err := k.archive(t.Context(), k.watcher.fs(), claim(p, k, "a.json"), sumOf(text), folder.Archive)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Base(place)
	}
	for _, c := range []struct{ text, want string }{
		{"one", "a.json.age"}, {"one", "a.json.age"}, {"two", "a-2.json.age"}, {"two", "a-2.json.age"}, {"one", "a.json.age"},
	} {
		if got := away(c.text); got != c.want {
			t.Errorf("%q was put away as %s, want %s", c.text, got, c.want)
		}
	}
	p.expect("archive", p.names(p.r.Archive), []string{"a-2.json.age", "a.json.age"})
	p.expect("claim", p.names(filepath.Dir(k.inbox.ClaimPath("x"))), nil)
	if got := p.plainText(p.today("a.json.age")) + p.plainText(p.today("a-2.json.age")); got != "onetwo" {
		t.Errorf("archived %q", got)
	}
}

func TestRebuildReadsAnEncryptedArchive(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	p.put(p.r.Inbox, "a.json", markedFile(1, "A"))
	p.once()
	p.w.Ledger.Close()
	if err := os.RemoveAll(p.w.State); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.w.State, 0o700); err != nil {
		t.Fatal(err)
	}
	p.open()
	key := p.w.Encryption
	p.w.Encryption = newEncryption(t)
	if sum, err := p.w.Rebuild(t.Context()); err == nil {
		t.Fatalf("rebuilt with another key: %+v", sum)
	}
	p.w.Encryption = key
	sum, err := p.w.Rebuild(t.Context())
	if err != nil || sum.Files != 1 || sum.Orders != 1 || len(sum.Left) != 0 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if got := p.plainIn(p.w.State, p.r.Archive); len(got) != 0 {
		t.Errorf("in the open: %q", got)
	}
	files, err := p.w.Ledger.Files(t.Context(), ledger.FileFilter{})
	if err != nil || len(files) != 1 || files[0].Name != "a.json" || files[0].Size != int64(len(markedFile(1, "A"))) {
		t.Errorf("files %+v, %v", files, err)
	}
	p.put(p.r.Inbox, "b.json", markedFile(1, "A"))
	p.once()
	if _, n := p.exported(); n != 1 {
		t.Errorf("%d exchange files: the rebuilt ledger forgot one", n)
	}
}

func TestEncryptedBytesArePurged(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	p.put(p.r.Inbox, "done.json", markedFile(1, "A"))
	p.put(p.r.Inbox, "done.json"+store.CharsetSuffix, "UTF-8")
	p.put(p.r.Inbox, "held.json", markedFile(2, "B"))
	p.once()
	did, err := Purge(t.Context(), p.w.Store(), p.w.Ledger, time.Now().AddDate(1, 0, 0), false)
	if err != nil || did.Files != 1 {
		t.Errorf("purged %+v, %v", did, err)
	}
	sum := sha256.Sum256([]byte(markedFile(2, "B")))
	p.expect("kept", p.names(p.w.Store().Folder().Dir), []string{hex.EncodeToString(sum[:]) + store.EncryptedSuffix})
}

func TestRestoreGivesThePlainFileBack(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	p.put(p.r.Inbox, "a.json", markedFile(1, "A"))
	p.once()
	p.put(p.r.Inbox, "a.json", "somebody else's")
	to, err := p.w.Encryption.Restore(t.Context(), p.today("a.json.age"), drop.Folder{Dir: p.r.Inbox}, "a.json")
	if err != nil || filepath.Base(to) != "a-2.json" {
		t.Fatalf("%s, %v", to, err)
	}
	if text, err := os.ReadFile(to); err != nil || string(text) != markedFile(1, "A") {
		t.Errorf("%q, %v", text, err)
	}
	p.expect("archive", p.names(p.r.Archive), nil)
}

// A damaged copy is no truncated file of a shop: its error is of the disk.
func TestDamageIsNamed(t *testing.T) {
	p := newPlace(t)
	p.w.Encryption = newEncryption(t)
	p.put(p.r.Inbox, "a.json", markedFile(1, "A"))
	p.once()
	path := p.today("a.json.age")
	if err := os.Truncate(path, 250); err != nil {
		t.Fatal(err)
	}
	_, err := p.w.Encryption.ReadText(path)
	var disk *os.PathError
	if !errors.As(err, &disk) || disk.Path != path || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	p.put(p.r.Archive, "plain"+store.EncryptedSuffix, "a plain file may be called so")
	if got := p.plainText(filepath.Join(p.r.Archive, "plain.age")); got != "a plain file may be called so" {
		t.Errorf("%q", got)
	}
}
