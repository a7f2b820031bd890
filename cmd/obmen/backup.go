package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch"
	"obmen/watch/desk"
	"obmen/watch/desk/words"
	"obmen/watch/drop"
	"obmen/watch/folder"
	"obmen/watch/ledger"
)

func backupCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:        "backup",
		Usage:       "save ledger, settings, catalogs and templates into one file; the watcher goes on",
		ArgsUsage:   "FILE.zip",
		Description: "The file has buyers' data. Secrets are left out unless --secrets names a public key of age that they are encrypted to.",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.StringFlag{Name: "secrets", Usage: "save the secrets, too, encrypted to `AGE1…`, a public key of age-keygen"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return ui.Misuse(words.New("backup.name-file"), words.Plain("obmen backup obmen-backup.zip"))
			}
			return runBackup(c.Context, c.Path("config"), c.Args().First(), c.String("secrets"), c.Bool("json"), s)
		},
	}
}

func restoreCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Usage:     "set an exchange up again from a backup, in a folder of its own",
		ArgsUsage: "FILE.zip DIR",
		Flags: []cli.Flag{
			&cli.PathFlag{Name: "identity", Usage: "`FILE` with the secret key of age that the saved secrets are encrypted to"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 2 {
				return ui.Misuse(words.New("backup.name-both"), words.Plain("obmen restore obmen-backup.zip exchange"))
			}
			return runRestore(c.Context, c.Args().Get(0), c.Args().Get(1), c.Path("identity"), s)
		},
	}
}

func runBackup(ctx context.Context, path, file, recipient string, asJSON bool, s ui.Streams) error {
	session, err := setup.OpenSession(ctx, path)
	if err != nil {
		return err
	}
	defer session.Close()
	if _, err := os.Lstat(file); err == nil {
		return words.Refuse(words.New("backup.is-there", "File", file), words.New("backup.another-name"))
	}
	f := session.Config.Folders
	opt := desk.BackupOptions{Folders: desk.BackupFolders{Catalogs: f.Catalogs, Templates: f.Templates, Sources: f.Sources}, Version: setup.Version, Now: time.Now()}
	if recipient != "" {
		if opt.Secrets, err = sealSecrets(session.Config, recipient); err != nil {
			return err
		}
	}
	var m *desk.Manifest
	err = drop.ReplaceFile(drop.OS{}, file, 0o600, func(w io.Writer) error {
		m, err = session.Backup(ctx, w, opt)
		return err
	})
	if err != nil {
		return ui.WithDiskHint(err)
	}
	if asJSON {
		return ui.PrintJSON(s.Out, m)
	}
	s.Remark(words.Count("backup.saved", len(m.Files), "File", file))
	if recipient == "" {
		s.Note("backup.no-secrets")
	}
	if b := session.Config.Store.Bucket; b != nil {
		s.Note("backup.kept-elsewhere", "Where", b.String())
	}
	return nil
}

// sealSecrets returns the secrets, encrypted to a public key.
func sealSecrets(cfg *config.Config, recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, ui.Misuse(words.New("backup.no-key"), words.New("backup.keygen"))
	}
	stored, err := config.ReadSecrets(cfg.SecretsFile())
	if err != nil {
		return nil, setup.MarkSecretErrors(err)
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil { // writes the last part
		return nil, err
	}
	return b.Bytes(), nil
}

// runRestore sets an exchange up in a new folder. Folders outside of it are left as they are.
func runRestore(ctx context.Context, file, dir, identity string, s ui.Streams) error {
	saved, err := desk.OpenBackup(file)
	if err != nil {
		return err
	}
	defer saved.Close()
	stored, err := openSecrets(saved, identity)
	if err != nil {
		return err
	}
	settings := filepath.Join(dir, config.FileName)
	if err := saved.Settings(settings); err != nil {
		return err
	}
	cfg, err := config.LoadWithoutSources(settings)
	if err != nil {
		return err
	}
	f := cfg.Folders
	if err := saved.RestoreFiles(ctx, f.State, desk.BackupFolders{Catalogs: f.Catalogs, Templates: f.Templates, Sources: cfg.SourcesDir()}); err != nil {
		return err
	}
	for owner, values := range stored {
		if err := config.StoreSecrets(cfg.SecretsFile(), owner, values, time.Now(), false); err != nil {
			return setup.MarkSecretErrors(err)
		}
	}
	if err := restoreFolders(ctx, cfg); err != nil {
		return err
	}
	noteSecrets(saved, stored, s)
	if cfg.Ledger.Address != "" {
		s.Note("move.restored", "Settings", cfg.Path)
	}
	s.Note("backup.restored", "Folder", dir, "Made", saved.Manifest.Made, "Version", saved.Manifest.Version, "Command", cfg.Command("check"))
	return nil
}

// mostIdentity is more than a file of keys has, in bytes.
const mostIdentity = 1 << 20

// openSecrets returns the secrets of a backup; nil when it has none, or no identity is given to read them with.
func openSecrets(saved *desk.Saved, identity string) (config.StoredSecrets, error) {
	sealed, err := saved.Secrets()
	if err != nil || sealed == nil || identity == "" {
		return nil, err
	}
	text, err := drop.ReadSmall(identity, mostIdentity)
	if err != nil {
		return nil, err
	}
	keys, err := age.ParseIdentities(bytes.NewReader(text))
	if err != nil {
		return nil, ui.WithHint(fmt.Errorf("%s: not a secret key of age", identity), "name the file that age-keygen wrote") // age's own words might repeat the key
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), keys...)
	if err != nil {
		return nil, ui.WithHint(fmt.Errorf("secrets: %w", err), "name the identity that belongs to the key of the backup")
	}
	var stored config.StoredSecrets
	if err := json.NewDecoder(r).Decode(&stored); err != nil {
		return nil, errors.New("the saved secrets cannot be read")
	}
	return stored, nil
}

// noteSecrets tells which secrets are still to be stored.
func noteSecrets(saved *desk.Saved, stored config.StoredSecrets, s ui.Streams) {
	switch {
	case stored != nil:
	case saved.HasSecrets():
		s.Note("backup.secrets-sealed")
	default:
		s.Note("backup.store-secrets")
	}
}

// restoreFolders makes the folders of the exchange that lie in its own folder, with the markers that the ledger
// knows and the lists of dismissed orders: without markers the watcher would take the folders for others'. A folder
// outside, or that is there, is left alone.
func restoreFolders(ctx context.Context, cfg *config.Config) error {
	routes := cfg.Routes()
	book, err := desk.OpenLedger(ctx, cfg.Folders.State, routes, true)
	if err != nil {
		return err
	}
	defer book.Close()
	for i := range routes {
		for _, f := range routes[i].Folders() {
			if err := restoreFolder(ctx, cfg, book, routes[i].Name, f); err != nil {
				return err
			}
		}
		if isInside(cfg, routes[i].Ack) {
			if err := drop.MakeDirs(drop.OS{}, routes[i].Ack, 0o777); err != nil {
				return err
			}
		}
		if isInside(cfg, routes[i].Quarantine) {
			if err := watch.WriteDismissed(ctx, drop.OS{}, book, &routes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// restoreFolder makes a folder with its marker; one that the ledger does not know stays without, as a new one is.
func restoreFolder(ctx context.Context, cfg *config.Config, book *ledger.Ledger, route string, f folder.Folder) error {
	if !isInside(cfg, f.Dir) {
		return nil
	}
	if err := drop.MakeDirs(drop.OS{}, f.Dir, 0o777); err != nil {
		return err
	}
	id, known, err := book.Cursor(ctx, folder.CursorName(route, f.Role))
	if err != nil || !known {
		return err
	}
	marker := filepath.Join(f.Dir, folder.Marker)
	if _, err := os.Lstat(marker); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(marker, []byte(id+"\n"), 0o644)
}

// isInside reports whether a folder lies in the exchange's own folder.
func isInside(cfg *config.Config, dir string) bool {
	rel, err := filepath.Rel(filepath.Dir(cfg.Path), dir)
	return err == nil && filepath.IsLocal(rel)
}
