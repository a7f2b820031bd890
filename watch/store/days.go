package store

import (
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// archiveDay is one day's folder of an archive.
type archiveDay struct {
	path  string
	age   int // whole days
	bytes int64
}

// TrimDays removes the days of an archive that are older than keepDays whole days, and its oldest days while
// it holds more than keepBytes; 0 keeps them. Today stays. The caller holds the lock of the folder.
func TrimDays(dir string, today time.Time, keepDays int, keepBytes int64) (days int, bytes int64, err error) {
	if keepDays <= 0 && keepBytes <= 0 {
		return 0, 0, nil
	}
	all, total, err := archiveDays(dir, today)
	if err != nil {
		return 0, 0, err
	}
	for _, day := range all { // oldest first
		old := keepDays > 0 && day.age > keepDays
		much := keepBytes > 0 && total > keepBytes
		if day.age <= 0 || !old && !much {
			continue
		}
		if err := os.RemoveAll(day.path); err != nil {
			return days, bytes, err
		}
		days, bytes, total = days+1, bytes+day.bytes, total-day.bytes
	}
	return days, bytes, nil
}

// archiveDays lists the day folders of an archive, oldest first. Other folders there are not obmen's.
func archiveDays(dir string, now time.Time) (days []archiveDay, total int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, 0, err
	}
	today, err := time.Parse(DayFormat, now.Format(DayFormat))
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		day, err := time.Parse(DayFormat, e.Name())
		if err != nil || !e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		size, err := sizeBelow(path)
		if err != nil {
			return nil, 0, err
		}
		days, total = append(days, archiveDay{path, int(today.Sub(day) / (24 * time.Hour)), size}), total+size
	}
	return days, total, nil
}

func sizeBelow(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
