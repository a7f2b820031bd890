package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"obmen/convert"
	"obmen/watch/drop"
	"obmen/watch/ledger"
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

func newSeal(t *testing.T) *Seal {
	t.Helper()
	public, path := newKey(t)
	seal, err := NewSeal([]string{public}, path)
	if err != nil {
		t.Fatal(err)
	}
	return seal
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
	text, err := p.w.Seal.text(drop.OS{}, path)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *place) today(name string) string {
	return filepath.Join(p.r.Archive, "2026-11-23", name)
}

func TestWhatIsKeptIsEncrypted(t *testing.T) {
	p := newPlace(t)
	p.put(p.r.Inbox, "before.json", markedFile(9, "A"))
	p.once()
	if got := p.plainIn(p.w.State, p.r.Archive); len(got) != 2 {
		t.Fatalf("the search finds %q without encryption, want the kept copy and the archived file", got)
	}

	p = newPlace(t)
	p.w.Seal = newSeal(t)
	text := markedFile(1, "A")
	p.put(p.r.Inbox, "a.json", text)
	p.put(p.r.Inbox, "a.json"+CharsetSuffix, "UTF-8\n")
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
	in, err := Kept(p.w.State, p.w.Seal, hex.EncodeToString(sum[:]), "a.json")
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
	p.w.Seal = newSeal(t)
	p.put(p.r.Inbox, "orders.json", markedFile(1, "B"))
	p.once()
	key := p.w.Seal
	p.catalog["skus.csv"] = "sku;marketplace;product;quantity;share\nB;;A;1;\n"
	p.w.Seal = newSeal(t) // another key: the hold stays, and people are told
	p.told()
	p.once()
	if _, n := p.exported(); n != 0 || !slices.Contains(p.told(), Alert) {
		t.Errorf("%d exchange files without the key, or nobody was told", n)
	}
	if holds, err := p.w.Ledger.Holds(t.Context(), ledger.HoldFilter{}); err != nil || len(holds) != 1 || holds[0].Code != string(convert.UnknownSKU) {
		t.Fatalf("holds %+v, %v", holds, err)
	}
	p.w.Seal = key
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
			on := newSeal(t)
			off := &Seal{with: on.with}
			seal := map[bool]*Seal{true: on, false: off}
			p.w.Seal = seal[c.then]
			p.put(p.r.Inbox, "orders.json", markedFile(1, "B"))
			p.once()
			p.w.Seal = seal[c.last]
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
			if raw := p.plainIn(p.w.raw().Dir); c.last && len(raw) != 0 {
				t.Errorf("in the open after the same bytes came again: %q", raw)
			}
		})
	}
}

// A program that was killed between the copy and the removal finds its own copy, though no two
// encryptions are alike; other bytes of that name get a number.
func TestPuttingAwayIsRepeated(t *testing.T) {
	p := newPlace(t)
	p.w.Seal = newSeal(t)
	k := newWorker(p.w, p.r)
	if err := os.MkdirAll(k.claim().Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	away := func(text string) string {
		t.Helper()
		claim := claimName("a.json", p.w.Now())
		p.put(k.claim().Dir, claim, text)
		place, err := k.putAway(t.Context(), k.w.fs(), claim, p.r.Archive)
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
	p.expect("claim", p.names(k.claim().Dir), nil)
	if got := p.plainText(p.today("a.json.age")) + p.plainText(p.today("a-2.json.age")); got != "onetwo" {
		t.Errorf("archived %q", got)
	}
}

func TestRebuildReadsAnEncryptedArchive(t *testing.T) {
	p := newPlace(t)
	p.w.Seal = newSeal(t)
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
	key := p.w.Seal
	p.w.Seal = newSeal(t)
	if sum, err := p.w.Rebuild(t.Context()); err == nil {
		t.Fatalf("rebuilt with another key: %+v", sum)
	}
	p.w.Seal = key
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
	p.w.Seal = newSeal(t)
	p.put(p.r.Inbox, "done.json", markedFile(1, "A"))
	p.put(p.r.Inbox, "done.json"+CharsetSuffix, "UTF-8")
	p.put(p.r.Inbox, "held.json", markedFile(2, "B"))
	p.once()
	did, err := Purge(t.Context(), p.w.State, p.w.Ledger, time.Now().AddDate(1, 0, 0), false)
	if err != nil || did.Files != 1 {
		t.Errorf("purged %+v, %v", did, err)
	}
	sum := sha256.Sum256([]byte(markedFile(2, "B")))
	p.expect("kept", p.names(p.w.raw().Dir), []string{hex.EncodeToString(sum[:]) + SealSuffix})
}

func TestRestoreGivesThePlainFileBack(t *testing.T) {
	p := newPlace(t)
	p.w.Seal = newSeal(t)
	p.put(p.r.Inbox, "a.json", markedFile(1, "A"))
	p.once()
	p.put(p.r.Inbox, "a.json", "somebody else's")
	to, err := p.w.Seal.Restore(t.Context(), p.today("a.json.age"), drop.Folder{Dir: p.r.Inbox}, "a.json")
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
	p.w.Seal = newSeal(t)
	p.put(p.r.Inbox, "a.json", markedFile(1, "A"))
	p.once()
	path := p.today("a.json.age")
	if err := os.Truncate(path, 250); err != nil {
		t.Fatal(err)
	}
	_, err := p.w.Seal.text(drop.OS{}, path)
	var disk *os.PathError
	if !errors.As(err, &disk) || disk.Path != path || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	p.put(p.r.Archive, "plain"+SealSuffix, "a plain file may be called so")
	if got := p.plainText(filepath.Join(p.r.Archive, "plain.age")); got != "a plain file may be called so" {
		t.Errorf("%q", got)
	}
}

func TestKeysAreProvenAtTheStart(t *testing.T) {
	public, path := newKey(t)
	other, _ := newKey(t)
	secret, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "some.key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cut := string(secret[:len(secret)-5])
	word := strings.Fields(string(secret))
	key := word[len(word)-1]
	for _, c := range []struct{ name, to, identity, want string }{
		{"missing", public, path + ".none", "there is no such identity file"},
		{"not a key", public, file("hello", 0o600), "not an identity file of age"},
		{"a damaged key", public, file(cut, 0o600), "not an identity file of age"},
		{"a folder", public, t.TempDir(), "not a regular file"},
		{"another key", other, path, "reads nothing that is encrypted"},
		{"a bad recipient", "age1x", path, "not a public key"},
		{"the secret key as recipient", key, path, "not a public key"},
		{"readable by others", public, file(string(secret), 0o644), "others may read"},
		{"readable by the group", public, file(string(secret), 0o640), "others may read"},
	} {
		if runtime.GOOS == "windows" && strings.HasPrefix(c.name, "readable") {
			continue
		}
		_, err := NewSeal([]string{c.to}, c.identity)
		var refused *SealError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) || refused.Advice == "" {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
			continue
		}
		if all := err.Error() + refused.Advice; strings.Contains(all, key[:30]) || strings.Contains(all, "malformed") {
			t.Errorf("%s: the message tells of the key: %s", c.name, all)
		}
	}
	if seal, err := NewSeal([]string{other, public}, path); err != nil || !seal.on() {
		t.Errorf("one of two recipients is enough: %v", err)
	}
	if seal, err := NewSeal(nil, path); err != nil || seal.on() {
		t.Errorf("an identity alone only reads: %v", err)
	}
}
