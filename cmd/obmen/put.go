package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"obmen/cmd/obmen/setup"
	"obmen/cmd/obmen/ui"
	"obmen/watch/drop"
	"obmen/watch/folder"
)

func putCommand(s ui.Streams) *cli.Command {
	return &cli.Command{
		Name:      "put",
		Usage:     "drop files into the inbox so that half of one is never seen",
		ArgsUsage: "FILE…",
		Flags: []cli.Flag{
			setup.ConfigFlag(), setup.JSONFlag(),
			&cli.PathFlag{Name: "to", Usage: "the folder `DIR` instead of the inbox"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return ui.Usage("obmen put orders.json", "name a file")
			}
			return runPut(c.Context, c.Path("config"), c.Path("to"), c.Args().Slice(), c.Bool("json"), s)
		},
	}
}

// The object that put --json prints.
type (
	jsonPuts struct {
		Files []jsonPut `json:"files"`
	}
	jsonPut struct {
		Path    string `json:"path"`
		SHA256  string `json:"sha256"`
		Size    int64  `json:"size"`
		Already bool   `json:"already"` // the same bytes were there under the same name
	}
)

func runPut(ctx context.Context, config, to string, files []string, json bool, s ui.Streams) error {
	if to == "" {
		cfg, err := setup.LoadSettings(config)
		if err != nil {
			return err
		}
		routes := cfg.Routes()
		if len(routes) > 1 {
			return ui.Usage(cfg.Command("put", "--to", routes[0].Inbox, "FILE"), "there are %d routes: name the inbox", len(routes))
		}
		to = routes[0].Inbox
	}
	list := []jsonPut{}
	folder := drop.Folder{Dir: to}
	defer tidyFolder(folder)
	for _, file := range files {
		put, err := putFile(ctx, folder, file)
		if err != nil {
			return err
		}
		list = append(list, put)
		if !json {
			fmt.Fprintln(s.Out, put.Path)
		}
	}
	if json {
		return ui.PrintJSON(s.Out, jsonPuts{list})
	}
	return nil
}

// tidyFolder leaves nothing but the files in a folder that is none of a watcher's.
func tidyFolder(dir drop.Folder) {
	if _, err := os.Lstat(filepath.Join(dir.Dir, folder.Marker)); errors.Is(err, fs.ErrNotExist) {
		dir.Tidy()
	}
}

// putFile drops one file. A name that is taken by the same bytes is no error: then an earlier try did it.
func putFile(ctx context.Context, folder drop.Folder, file string) (jsonPut, error) {
	r, err := drop.OpenRegular(file)
	if err != nil {
		return jsonPut{}, ui.WithHint(err, "look at the file's name and rights")
	}
	defer r.Close()
	done, err := folder.Put(ctx, filepath.Base(file), r)
	var taken *drop.ExistsError
	if errors.As(err, &taken) && taken.Same {
		info, err := os.Stat(taken.Path)
		if err != nil {
			return jsonPut{}, err
		}
		sum, err := setup.FileSHA256(taken.Path)
		return jsonPut{taken.Path, sum, info.Size(), true}, err
	}
	return jsonPut{done.Path, done.SHA256, done.Size, done.Already}, err
}
