package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"obmen/cmd/obmen/config"
	"obmen/cmd/obmen/converting"
	"obmen/cmd/obmen/serving"
	"obmen/cmd/obmen/ui"
)

// The folder that files dropped on the program's icon are converted into, and the workbook in it.
const (
	besideFolder = "obmen"
	besideReport = "report.xlsx"
)

// allExist reports whether words of a command line are all files or folders.
func allExist(names []string) bool {
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			return false
		}
	}
	return len(names) > 0
}

// runBeside converts files into a folder beside the first of them and opens the report. The settings are those
// beside the files, or beside the program.
func runBeside(ctx context.Context, files []string, s ui.Streams) error {
	out := filepath.Join(filepath.Dir(files[0]), besideFolder)
	report := filepath.Join(out, besideReport)
	if err := os.MkdirAll(out, 0o777); err != nil {
		return ui.WithHint(err, "copy the files into a folder where you may write")
	}
	err := converting.Run(ctx, converting.Options{Files: files, Out: out, Report: report, Config: settingsBeside(files[0])}, s)
	if err != nil && !errors.Is(err, ui.ErrHeld) {
		return err
	}
	s.Note("beside.done", "Folder", out, "Report", report)
	if runtime.GOOS == "windows" || ui.TerminalIn(s.In) {
		if serving.OpenBrowser(report) != nil {
			s.Note("beside.open-by-hand", "Report", report)
		}
	}
	return err
}

// settingsBeside finds the settings of files that were dropped on the program; empty for those of the current
// folder, or none.
func settingsBeside(file string) string {
	places := []string{filepath.Dir(file)}
	if program, err := os.Executable(); err == nil {
		places = append(places, filepath.Dir(program))
	}
	for _, dir := range places {
		path := filepath.Join(dir, config.FileName)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
