package desk

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/ledger"
)

// The parts of a backup: folders in the archive.
const (
	backupState     = "state"
	backupCatalogs  = "catalogs"
	backupTemplates = "templates"
	backupSources   = "sources"
	backupLists     = "lists"
	backupSettings  = "obmen.toml"
	backupSecrets   = "secrets.age"
	backupManifest  = "manifest.json"
)

// backupFormat is the version of the archive's layout.
const backupFormat = 1

// manifestLimit bounds the list of a backup's files, in bytes.
const manifestLimit = 64 << 20

// BackupFolders are the folders of an exchange that a backup has; empty ones are left out.
type BackupFolders struct{ Catalogs, Templates, Sources string }

// BackupOptions are what a backup is made of besides the desk itself.
type BackupOptions struct {
	Folders BackupFolders
	Secrets []byte // encrypted; nil: none
	Version string // of obmen
	Now     time.Time
}

// Manifest is the list of a backup's files.
type Manifest struct {
	Format  int         `json:"format"`
	Version string      `json:"version"`
	Made    time.Time   `json:"made"`
	Files   []SavedFile `json:"files"`
}

// SavedFile is a file of a backup.
type SavedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// leftOut are the files and folders of the state folder that a backup leaves out: they are made again, belong to
// one machine, or are secret.
var leftOut = []string{
	LedgerFile, LedgerFile + "-wal", LedgerFile + "-shm", LedgerFile + wholeMark, ledger.NumbersFile + ledger.JoinedMark, drop.LockName, "status.json", "secrets.json", "secrets.dpapi", "fetch", "requests", "scratch", "site", "web",
}

// Backup writes everything that cannot be made again into a zip archive: settings, catalogs, templates, the
// ledger in one state, kept copies, lists of dismissed orders. The watcher goes on meanwhile. The archive has buyers' data.
func (d *Desk) Backup(ctx context.Context, w io.Writer, opt BackupOptions) (*Manifest, error) {
	b := &backup{zip: zip.NewWriter(w), manifest: Manifest{Format: backupFormat, Version: opt.Version, Made: opt.Now.UTC()}}
	if err := b.addFile(backupSettings, d.Settings); err != nil {
		return nil, err
	}
	for part, dir := range map[string]string{backupCatalogs: opt.Folders.Catalogs, backupTemplates: opt.Folders.Templates, backupSources: opt.Folders.Sources} {
		if err := b.addFolder(ctx, part, dir, nil); err != nil {
			return nil, err
		}
	}
	if err := b.addFolder(ctx, backupState, d.State, leftOut); err != nil {
		return nil, err
	}
	if err := d.addLists(b); err != nil {
		return nil, err
	}
	if err := d.addLedger(ctx, b); err != nil {
		return nil, err
	}
	if opt.Secrets != nil {
		if err := b.add(backupSecrets, strings.NewReader(string(opt.Secrets))); err != nil {
			return nil, err
		}
	}
	return b.finish()
}

// addLists adds the lists of dismissed orders that lie beside refused files.
func (d *Desk) addLists(b *backup) error {
	for i := range d.Routes {
		file := d.Routes[i].DismissedPath()
		if _, err := os.Stat(file); err != nil {
			continue
		}
		if err := b.addFile(path.Join(backupLists, d.Routes[i].Name+"-dismissed.csv"), file); err != nil {
			return err
		}
	}
	return nil
}

// addLedger adds a copy of the ledger that lies beside it for a moment.
func (d *Desk) addLedger(ctx context.Context, b *backup) error {
	beside := d.State
	if d.Ledger.Server() != nil {
		beside = "" // nodes have it on a share, where SQLite does not write
	}
	dir, err := os.MkdirTemp(beside, "backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, LedgerFile)
	if err := d.Ledger.Backup(ctx, copied); err != nil {
		return err
	}
	return b.addFile(path.Join(backupState, LedgerFile), copied)
}

// backup is an archive that is being written.
type backup struct {
	zip      *zip.Writer
	manifest Manifest
}

// addFolder adds the files below a folder; those of its first level that are named are left out.
func (b *backup) addFolder(ctx context.Context, part, dir string, out []string) error {
	if dir == "" {
		return nil
	}
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		if slices.Contains(out, rel) || strings.HasPrefix(rel, "backup-") || strings.HasPrefix(rel, ".") && rel != "." {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() {
			return nil
		}
		err = b.addFile(path.Join(part, filepath.ToSlash(rel)), file)
		if errors.Is(err, fs.ErrNotExist) && part == backupState { // the watcher was done with it
			return nil
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (b *backup) addFile(name, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return b.add(name, f)
}

func (b *backup) add(name string, r io.Reader) error {
	w, err := b.zip.Create(name)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), r)
	b.manifest.Files = append(b.manifest.Files, SavedFile{name, n, hex.EncodeToString(sum.Sum(nil))})
	return err
}

func (b *backup) finish() (*Manifest, error) {
	w, err := b.zip.Create(backupManifest)
	if err != nil {
		return nil, err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&b.manifest); err != nil {
		return nil, err
	}
	return &b.manifest, b.zip.Close()
}

// Saved is a backup that is open for reading.
type Saved struct {
	Manifest Manifest
	zip      *zip.ReadCloser
	files    map[string]SavedFile // of the manifest, by name
}

// OpenBackup opens a backup and compares every file in it with the list: one that is damaged restores nothing.
func OpenBackup(file string) (*Saved, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, notABackup(file, err)
	}
	s := &Saved{zip: z}
	if err := s.verify(); err != nil {
		z.Close()
		return nil, notABackup(file, err)
	}
	return s, nil
}

func notABackup(file string, err error) error {
	return &words.Error{Text: words.New("backup.damaged", "File", file, "Why", err.Error()), Next: words.New("backup.another"), Err: err}
}

// Close closes the archive.
func (s *Saved) Close() error { return s.zip.Close() }

func (s *Saved) verify() error {
	f, err := s.zip.Open(backupManifest)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, manifestLimit)).Decode(&s.Manifest); err != nil {
		return err
	}
	if s.Manifest.Format != backupFormat {
		return fmt.Errorf("its format is %d, and this obmen knows %d", s.Manifest.Format, backupFormat)
	}
	s.files = make(map[string]SavedFile, len(s.Manifest.Files))
	for _, file := range s.Manifest.Files {
		s.files[file.Name] = file
		if !filepath.IsLocal(filepath.FromSlash(file.Name)) {
			return fmt.Errorf("%q leads out of it", file.Name)
		}
		if err := s.copyTo(io.Discard, file); err != nil {
			return err
		}
	}
	return nil
}

// copyTo copies a file of the archive and compares it with the list.
func (s *Saved) copyTo(w io.Writer, file SavedFile) error {
	f, err := s.zip.Open(file.Name)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, sum), io.LimitReader(f, file.Size+1))
	if err != nil {
		return err
	}
	if n != file.Size || hex.EncodeToString(sum.Sum(nil)) != file.SHA256 {
		return fmt.Errorf("%s is not as it was saved", file.Name)
	}
	return nil
}

// Settings writes the saved settings into a file that is not there yet.
func (s *Saved) Settings(to string) error { return s.restore(backupSettings, to) }

// HasSecrets reports whether the backup has secrets.
func (s *Saved) HasSecrets() bool {
	_, has := s.files[backupSecrets]
	return has
}

// Secrets returns the encrypted secrets; nil when the backup has none.
func (s *Saved) Secrets() ([]byte, error) {
	file, saved := s.files[backupSecrets]
	if !saved {
		return nil, nil
	}
	var b strings.Builder
	err := s.copyTo(&b, file)
	return []byte(b.String()), err
}

func (s *Saved) restore(name, to string) error {
	file, saved := s.files[name]
	if !saved {
		return fmt.Errorf("the backup has no %s", name)
	}
	if err := drop.MakeDirs(drop.OS{}, filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return words.Refuse(words.New("backup.is-there", "File", to), words.New("backup.empty-folder"))
	}
	return drop.ReplaceFile(drop.OS{}, to, 0o600, func(w io.Writer) error { return s.copyTo(w, file) })
}

// RestoreFiles writes the saved folders; nothing that is there is overwritten.
func (s *Saved) RestoreFiles(ctx context.Context, state string, folders BackupFolders) error {
	places := map[string]string{backupState: state, backupCatalogs: folders.Catalogs, backupTemplates: folders.Templates, backupSources: folders.Sources}
	for _, f := range s.Manifest.Files {
		part, rest, below := strings.Cut(f.Name, "/")
		dir := places[part]
		if !below || dir == "" {
			continue
		}
		if err := errors.Join(ctx.Err(), s.restore(f.Name, filepath.Join(dir, filepath.FromSlash(rest)))); err != nil {
			return err
		}
	}
	return nil
}
